//! The records of the deletions of users and clients, and the marks of what is being deleted.

use functions::clients;
use functions::users::{self, UserPath};
use shared::entity::{Entity as _, FieldValue as _};
use shared::ids::{ClientExtId, ExtId, UserExtId};
use shared::table::{Item, Key, TableError};

/// The entity type of the record of a deletion.
pub(super) const ENTITY_TYPE: &str = "Deletion";
/// The entity type of the entry of a running deletion.
pub(super) const ENTRY: &str = "DeletionEntry";
/// The attribute with the deletion of what is being deleted.
pub(super) const MARK: &str = "deletion";
/// The partition and the sort key of the record of a deletion begin with this, that of an entry too.
const PREFIX: &str = "DELETION#";
/// The partitions of the entries of running deletions, of which there is one per hexadecimal digit.
const PARTITIONS: &str = "DELETIONS";
/// The digits with which the identifier of a deletion can begin.
const DIGITS: &str = "0123456789abcdef";

shared::names! {
    /// What is deleted.
    pub(super) enum DeletionKind {
        /// A client with everything that belongs to it.
        Client = "client",
        /// A user with everything that belongs to the user.
        User = "user",
        /// The credentials of an archived user.
        Credentials = "credentials",
    }
}

shared::names! {
    /// The state of a deletion.
    pub(super) enum DeletionState {
        /// It is under way.
        Running = "running",
        /// Everything is deleted.
        Ended = "ended",
    }
}

shared::entity! {
    /// The record of a deletion.
    pub(super) struct Deletion {
        kind: DeletionKind = "kind", "What is deleted.";
        client: ClientExtId = "clientExtId", "The client.";
        user: Option<UserExtId> = "userExtId", "The user, unless the client is deleted.";
        state: DeletionState = "state", "The state.";
    }
}

impl Deletion {
    /// Returns the user, if the deletion has one.
    pub(super) fn user(&self) -> Option<UserPath> {
        let user = self.user.clone()?;
        Some(UserPath { client: self.client.clone(), user })
    }

    /// Returns the key and the entity type of what it deletes, which carries its mark. `None` if that remains.
    pub(super) fn subject(&self) -> Option<(Key, &'static str)> {
        match self.kind {
            DeletionKind::Client => Some((clients::key(&self.client), clients::ENTITY_TYPE)),
            DeletionKind::User => self.user().map(|user| (user.key(), users::ENTITY_TYPE)),
            DeletionKind::Credentials => None,
        }
    }
}

/// Returns the key of the record of a deletion.
pub(super) fn key(id: &str) -> Key {
    Key::new(&["DELETION", &ExtId::<()>::unchecked(id).key_part()], &["DELETION"])
}

/// Returns the key of the entry of a running deletion.
pub(super) fn entry_key(id: &str) -> Key {
    let digit: String = id.chars().take(1).collect();
    Key::new(&[PARTITIONS, &digit], &["DELETION", &ExtId::<()>::unchecked(id).key_part()])
}

/// Returns the partitions with the entries of running deletions, and the prefix of their sort keys.
pub(crate) fn lists() -> impl Iterator<Item = (String, &'static str)> {
    DIGITS.chars().map(|digit| (format!("{PARTITIONS}#{digit}"), PREFIX))
}

/// Returns the identifier of the deletion whose record has this key.
pub(super) fn id_of(key: &Key) -> &str {
    key.pk().strip_prefix(PREFIX).unwrap_or_default()
}

/// Returns the key of the record of the deletion that this entry names.
///
/// # Errors
/// [`TableError::Corrupt`] if the item has no key.
pub(crate) fn record_key(entry: &Item) -> Result<Key, TableError> {
    let entry = entry.key()?;
    Ok(key(entry.sk().strip_prefix(PREFIX).unwrap_or_default()))
}

/// Returns the deletion whose mark an item carries.
pub(super) fn mark_of(item: &Item) -> Result<Option<String>, TableError> {
    Option::<ExtId<()>>::load(item, MARK).map(|mark| mark.map(|mark| mark.to_string()))
}

/// Returns the partition of the client or of the user whom the deletion of a record is about to remove, so that no
/// operation shows either. `None` if the deletion has ended, or removes credentials only.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not the record of a deletion.
pub(crate) fn removed(record: &Item) -> Result<Option<String>, TableError> {
    let deletion = Deletion::load(record)?;
    let is_running = deletion.state == DeletionState::Running;
    Ok(deletion.subject().filter(|_| is_running).map(|(key, _)| key.pk().to_owned()))
}
