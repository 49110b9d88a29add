//! What answers tell of the history of a thing: see [`shared::table::Item::with_history`].

use shared::description::{Field, FieldKind};

/// When it was created.
pub const CREATED: Field = Field::required("created", FieldKind::Moment, "When it was created.");
/// When it was changed last.
pub const LAST_MODIFIED: Field =
    Field::required("lastModified", FieldKind::Moment, "When it was changed last.");
/// How often it was changed.
pub const VERSION: Field = Field::required("version", FieldKind::Count, "How often it was changed.");
