//! What every kind of record can do.

use serde_json::Value;
use shared::ids::ClientExtId;
use shared::table::Key;

use super::plan::{Draft, Plan, Stop};

/// The members of a record, by name.
pub(crate) type Members = Vec<(&'static str, Value)>;

/// What every kind of line can do.
pub(crate) trait RecordKind {
    /// The keys of all items that decide about the line, its own item's first.
    fn keys(&self) -> Vec<Key>;

    /// Decides what becomes of the line, from the items at those keys, and adds to the draft's
    /// transaction what it writes.
    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop>;

    /// Returns the members of the record, in the order in which an export writes them.
    fn members(&self) -> Members;

    /// The client that the thing belongs to; none for what stands above clients.
    fn client(&self) -> Option<&ClientExtId>;

    /// Where the line stands among those of its kind in an export.
    fn order(&self) -> Vec<String>;
}
