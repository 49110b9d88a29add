//! Changes of stored entities, as actions of a transaction.

use super::Entity;
use crate::error::ApiError;
use crate::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

/// The change of an entity in a transaction.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// The index of the update of its item, if the item is as it was read. `None` if nothing changes.
    pub updated: Option<ActionIndex>,
    /// The indexes of the reservations of values that must be unique, each with the failure if the value is in use.
    pub reserved: Vec<(ActionIndex, ApiError)>,
}

impl Transaction {
    /// Adds the update of an entity's item from `present` to `next`, on condition that the item is unchanged. It also
    /// changes what `more` adds.
    ///
    /// Returns the index of the update, or `None` if the entity does not change.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn update_item<T: Entity + PartialEq>(
        &mut self,
        item: &Item,
        (present, next): (&T, &T),
        more: impl FnOnce(Update) -> Update,
    ) -> Result<Option<ActionIndex>, TableError> {
        if present == next {
            return Ok(None);
        }
        let unchanged = Condition::as_read(item)?;
        let update = next.update(present, Update::new(item.key()?, unchanged));
        Ok(Some(self.update(more(update))))
    }

    /// Adds the update of a copy of an entity's item, such as its entry in a list, from `present` to `next`.
    ///
    /// The copy changes only together with the item, so the condition on the item is enough.
    pub fn update_copy<T: Entity + PartialEq>(&mut self, key: Key, (present, next): (&T, &T)) {
        if present != next {
            self.update(next.update(present, Update::new(key, Condition::Exists)));
        }
    }

    /// Adds the change of a copy of an entity's item whose key depends on the entity, from `present` to `next`.
    ///
    /// `from` and `to` are the present and the next key, if there is such a copy. If they differ, the copy is
    /// deleted at the one and created at the other. Returns the index of the creation.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history.
    pub fn move_copy<T: Entity + PartialEq>(
        &mut self,
        item: &Item,
        (from, to): (Option<Key>, Option<Key>),
        entity_type: &str,
        (present, next): (&T, &T),
    ) -> Result<Option<ActionIndex>, TableError> {
        if from == to {
            if let Some(key) = to {
                self.update_copy(key, (present, next));
            }
            return Ok(None);
        }
        if let Some(from) = from {
            self.delete(from, Condition::Exists);
        }
        let copy =
            to.map(|to| next.store(NewItem::new(&to, entity_type)).with_history_of(item)).transpose()?;
        Ok(copy.map(|copy| self.create(copy)))
    }
}
