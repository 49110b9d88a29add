//! The interface of the kinds of records.

use serde_json::Value;
use shared::ids::ClientExtId;
use shared::table::{Key, TableError};

use super::plan::{Draft, Found, Plan, Stop};

/// The members of a record, by name.
pub(crate) type Members = Vec<(&'static str, Value)>;

/// A kind of record.
pub(crate) trait RecordKind {
    /// Returns the keys of all items on which the import depends, starting with the record's own item.
    fn keys(&self) -> Vec<Key>;

    /// Returns the keys of further items on which the replacement of an existing entity depends. `found` contains the
    /// items at [`RecordKind::keys`].
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item is not one of such an entity.
    fn keys_to_replace(&self, _found: &Found) -> Result<Vec<Key>, TableError> {
        Ok(Vec::new())
    }

    /// Plans the import from the items at the keys, and adds its writes to the transaction of the draft.
    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop>;

    /// Returns the members of the record, in the order of an export.
    fn members(&self) -> Members;

    /// Returns the client of the record. `None` for records above clients.
    fn client(&self) -> Option<&ClientExtId>;

    /// Returns the sort key of the record among those of its kind in an export.
    fn order(&self) -> Vec<String>;
}
