//! What answers tell of the history of a thing: see [`shared::table::Item::with_history`].

use shared::entity::schema::{Field, FieldKind};

/// When it was created.
pub const CREATED: Field = Field::required("created", FieldKind::DateTime, "When it was created.");
/// When it was changed last.
pub const LAST_MODIFIED: Field =
    Field::required("lastModified", FieldKind::DateTime, "When it was changed last.");
/// How often it was changed.
pub const VERSION: Field =
    Field::required("version", FieldKind::UnsignedInteger, "How often it was changed.");
