//! The records of the deletions of users and clients, as the rules read them.

use functions::deletions::{self, DeletionId};
pub(super) use functions::deletions::{Deletion, DeletionKind, DeletionState, ENTITY_TYPE, ENTRY_TYPE};
use shared::entity::Entity as _;
use shared::table::item::DELETION;
use shared::table::{Item, Key, TableError};

/// Returns the key of the record of a deletion.
pub(super) fn key(id: &str) -> Key {
    deletions::key(&DeletionId::unchecked(id))
}

/// Returns the key of the entry of a running deletion.
pub(super) fn entry_key(id: &str) -> Key {
    deletions::entry_key(&DeletionId::unchecked(id))
}

/// Returns the deletion whose mark an item carries.
pub(super) fn mark_of(item: &Item) -> Result<Option<String>, TableError> {
    Ok(item.optional_text(DELETION)?.map(str::to_owned))
}

/// Returns the partition of the client or of the user whom the deletion of an entry is about to remove, so that no
/// operation shows either. `None` if it removes credentials only.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not the entry of a deletion.
pub(crate) fn removed(entry: &Item) -> Result<Option<String>, TableError> {
    Ok(Deletion::load(entry)?.subject().map(|(key, _)| key.pk().to_owned()))
}
