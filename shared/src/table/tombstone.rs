//! Tombstones: who deleted an object. The stream shows a deleted item as it was, without who deleted it.

use super::TableError;
use super::item::{EXPIRES, Item, expiry};
use super::key::Key;
use super::new_item::NewItem;
use super::transaction::{ActionIndex, Condition, Transaction};
use crate::clock::Timestamp;
use crate::ids::sha256_hex;

/// The entity type of a tombstone.
pub const ENTITY_TYPE: &str = "Tombstone";
/// The time for which a tombstone is kept, in seconds: twice as long as a record stays in the stream.
const RETENTION_SECONDS: u64 = 2 * 24 * 60 * 60;

/// Returns the key of a tombstone below the partition of what is deleted.
#[must_use]
pub fn key_below(partition: &str, sk: &[&str]) -> Key {
    Key::new(&["TOMBSTONE", partition], sk)
}

/// Returns the key of the tombstone of an item that is deleted as it was read.
///
/// # Errors
/// [`TableError::Corrupt`] if the item has no key, revision or request.
pub fn key_of(item: &Item) -> Result<Key, TableError> {
    key(&item.key()?, &Condition::as_read(item)?).ok_or(TableError::Corrupt)
}

/// Returns the key of the tombstone of the item at a key that is deleted as it was read. An item that is created again at
/// the same key has another one.
fn key(key: &Key, as_read: &Condition) -> Option<Key> {
    let Condition::AsRead { revision, request } = as_read else { return None };
    // The identifiers in a sort key may leave no room for more.
    Some(key_below(key.pk(), &[&sha256_hex(&format!("{}\n{revision}\n{request}", key.sk()))]))
}

/// Returns a tombstone that is kept for a number of seconds from a time on.
#[must_use]
pub fn new_item(key: &Key, from: Timestamp, seconds: u64) -> NewItem {
    NewItem::new(key, ENTITY_TYPE).with_number(EXPIRES, expiry(from, seconds))
}

impl Transaction {
    /// Deletes the item of an object as it was read, and leaves a tombstone with who deleted it.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn delete_object(&mut self, item: &Item) -> Result<ActionIndex, TableError> {
        let deleted = self.delete_item(item)?;
        self.leave_tombstone(&item.key()?, &Condition::as_read(item)?);
        Ok(deleted)
    }

    /// Leaves a tombstone of the item at a key, which the transaction deletes on the condition that it is as it was read.
    /// On another condition, it leaves none.
    pub fn leave_tombstone(&mut self, of: &Key, as_read: &Condition) {
        if let Some(key) = key(of, as_read) {
            self.put(new_item(&key, self.stamp().now, RETENTION_SECONDS), Condition::Any);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::stamp;

    /// Returns the item at a key after a number of changes, the last one by a request.
    fn item(sk: &str, revision: u64, request: &str) -> Item {
        let item = NewItem::new(&Key::new(&["USER#1"], &[sk]), "Thing").with_number("revision", revision);
        item.as_stored(&crate::table::Stamp { request: request.to_owned(), ..stamp() })
    }

    #[test]
    fn each_incarnation_of_an_object_has_its_own_tombstone() {
        let keys = [item("A", 0, "r1"), item("A", 1, "r1"), item("A", 0, "r2"), item("B", 0, "r1")];
        let mut keys = keys.map(|item| key_of(&item).expect("a key")).to_vec();
        assert!(keys.iter().all(|key| key.pk() == "TOMBSTONE#USER#1" && key.sk().len() == 64));
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn an_object_is_deleted_together_with_its_tombstone() {
        let item = item("A", 3, "r1");
        let mut transaction = Transaction::new(&stamp());
        transaction.delete_object(&item).expect("an item");
        assert_eq!(transaction.changed_keys(), [item.key().expect("a key"), key_of(&item).expect("a key")]);
        // What is not deleted as it was read cannot have one.
        let mut other = Transaction::new(&stamp());
        other.leave_tombstone(&item.key().expect("a key"), &Condition::Exists);
        assert!(other.is_empty());
    }
}
