//! What is deleted together: the items of a user or a client, each with what depends on it elsewhere.
//!
//! These are plain functions on items. Each part is a transaction, so that no reservation outlives its owner, and no
//! entry of a list its thing.
//!
//! Most items are deleted without a condition. Below what is being deleted, nothing is created, and what tells the keys of
//! other items does not change: whatever would change it requires that the user or the client exists. The values of a
//! mobile signature and the name of a unit can still change, so these items must be as they were read. All of it requires
//! that the deletion has not ended: then the same keys may have other items.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use shared::entity::Entity as _;
use shared::table::item::{DELETION, ENTITY_TYPE};
use shared::table::transaction::MAX_ACTIONS;
use shared::table::{Condition, Item, Key, Stamp, TableError, Transaction, Update};

use super::end_other;
use crate::clients::{self, Client};
use crate::dispatch_targets::{self, AppAttestation, DispatchTarget};
use crate::fido_authenticators::{self, FidoUafCredential};
use crate::mobile_signature;
use crate::profiles::{self, Profile};
use crate::properties::Definition;
use crate::properties::values::{Applicable, Holder, Values};
use crate::units::{self, Unit};
use crate::users::{self, ARCHIVING, User, UserPath};

/// The maximum number of properties whose values one part releases. Each takes up to three of the 100 actions of a
/// transaction: two entries and the value.
const MAX_PROPERTIES: usize = 30;
/// The number of actions of a transaction that are left for the progress of the deletion.
const PROGRESS: usize = 2;

/// The definitions of the properties of users or of mobile signatures, by the key of each.
pub(super) type Definitions = BTreeMap<Key, Item>;

/// What one pass over the items of a user deletes.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The parts, in their order.
    pub(super) parts: Vec<Transaction>,
    /// Whether something remains that the parts do not delete.
    pub(super) is_partial: bool,
}

/// Returns the holder of the properties in an item, if it has any.
fn holder(item: &Item, user: &UserPath) -> Result<Option<Holder>, TableError> {
    Ok(match item.text(ENTITY_TYPE)? {
        users::properties::ENTITY_TYPE => Some(users::properties::holder(user)),
        mobile_signature::ENTITY_TYPE => Some(mobile_signature::holder(user)),
        _ => None,
    })
}

/// Returns the keys of the definitions of the properties that a pass over these items releases.
///
/// # Errors
/// [`TableError::Corrupt`] for an item with invalid properties.
pub(super) fn definition_keys(user: &UserPath, items: &[Item]) -> Result<BTreeSet<Key>, TableError> {
    let mut keys = BTreeSet::new();
    for item in items {
        if let Some(holder) = holder(item, user)? {
            let values = Values::load(item)?;
            let names = values.properties.keys().take(MAX_PROPERTIES);
            keys.extend(names.flat_map(|name| holder.definition_keys(name)));
        }
    }
    Ok(keys)
}

impl Plan {
    /// Plans the deletion of items in the partition of a user, except for the item of the user.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] for an item that is not what its kind says, or a value of a property without definition.
    pub(super) fn of_user(
        user: &UserPath,
        items: &[Item],
        definitions: &Definitions,
        stamp: &Stamp,
    ) -> Result<Self, TableError> {
        let mut plan = Self::default();
        let mut planned = HashSet::new();
        for item in items {
            let key = item.key()?;
            if key == user.key() || planned.contains(&key) {
                continue;
            }
            let mut part = Transaction::new(stamp);
            match holder(item, user)? {
                Some(holder) => {
                    plan.is_partial |= delete_values(item, &holder, definitions, &mut part)?;
                }
                None => delete_of_user(item, user, &mut part)?,
            }
            planned.extend(part.changed_keys());
            plan.parts.push(part);
        }
        Ok(plan)
    }

    /// Adds the last part of the deletion of a user, whose item is `item`. It also ends other deletions of the user than
    /// the one with the identifier `deletion`.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] for an item that is not one of a user.
    pub(super) fn end_user(&mut self, item: &Item, deletion: &str, stamp: &Stamp) -> Result<(), TableError> {
        let mut part = Transaction::new(stamp);
        User::load(item)?.delete(item, &mut part)?;
        for id in [DELETION, ARCHIVING] {
            if let Some(id) = item.optional_text(id)?.filter(|id| *id != deletion) {
                end_other(id, &mut part);
            }
        }
        self.parts.push(part);
        Ok(())
    }

    /// Plans the deletion of the definitions of the properties of a client.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] for an item that is not a definition.
    pub(super) fn of_definitions(items: &[Item], stamp: &Stamp) -> Result<Self, TableError> {
        let delete = |item: &Item| {
            let mut part = Transaction::new(stamp);
            Definition::load(item)?.delete(item, &mut part)?;
            Ok(part)
        };
        Ok(Self { parts: items.iter().map(delete).collect::<Result<_, TableError>>()?, is_partial: false })
    }

    /// Plans the deletion of items in the partition of a client, except for the item of the client.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] for an item that is not what its kind says.
    pub(super) fn of_client(items: &[Item], stamp: &Stamp) -> Result<Self, TableError> {
        let mut plan = Self::default();
        for item in items {
            let mut part = Transaction::new(stamp);
            match item.text(ENTITY_TYPE)? {
                clients::ENTITY_TYPE => continue,
                units::ENTITY_TYPE => Unit::load(item)?.delete(Condition::as_read(item)?, &mut part),
                _ => {
                    part.delete(item.key()?, Condition::Any);
                }
            }
            plan.parts.push(part);
        }
        Ok(plan)
    }

    /// Adds the last part of the deletion of a client, whose item is `item`.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] for an item that is not one of a client.
    pub(super) fn end_client(&mut self, item: &Item, stamp: &Stamp) -> Result<(), TableError> {
        let mut part = Transaction::new(stamp);
        Client::load(item)?.delete(item, &mut part)?;
        self.parts.push(part);
        Ok(())
    }

    /// Returns the transactions of the parts, in their order. Each has as many parts as it has room for.
    pub(super) fn transactions(self, stamp: &Stamp) -> Vec<Transaction> {
        let mut transactions: Vec<Transaction> = Vec::new();
        for part in self.parts {
            let has_room = |last: &&mut Transaction| last.len() + part.len() <= MAX_ACTIONS - PROGRESS;
            if transactions.last_mut().filter(has_room).is_none_or(|last| !last.append(&part)) {
                let mut next = Transaction::new(stamp);
                next.append(&part);
                transactions.push(next);
            }
        }
        transactions
    }
}

/// Adds the deletion of an item below a user to a transaction, with what depends on it.
fn delete_of_user(item: &Item, user: &UserPath, part: &mut Transaction) -> Result<(), TableError> {
    match item.text(ENTITY_TYPE)? {
        profiles::ENTRY_TYPE => Profile::load(item)?.delete_with_user(item, part),
        dispatch_targets::ENTITY_TYPE => DispatchTarget::load(item)?.delete_with_user(item, user, part),
        AppAttestation::ENTITY_TYPE => AppAttestation::load(item)?.delete_with_user(item, user, part),
        fido_authenticators::ENTITY_TYPE => FidoUafCredential::load(item)?.delete_with_user(item, user, part),
        // Nothing else depends on it.
        _ => {
            part.delete(item.key()?, Condition::Any);
            Ok(())
        }
    }
}

/// Adds the deletion of an item with properties to a transaction, or of some of them if they are too many. Returns true
/// if some remain.
fn delete_values(
    item: &Item,
    holder: &Holder,
    definitions: &Definitions,
    part: &mut Transaction,
) -> Result<bool, TableError> {
    let present = Values::load(item)?;
    let mut defined = BTreeMap::new();
    let mut next = present.clone();
    for name in present.properties.keys().take(MAX_PROPERTIES) {
        let keys = holder.definition_keys(name);
        let items = keys.each_ref().map(|key| definitions.get(key));
        defined.insert(name.clone(), Applicable::of(items)?.ok_or(TableError::Corrupt)?);
        next.properties.remove(name);
        next.unique.remove(name);
    }
    let remain = !next.properties.is_empty();
    if remain {
        let update = Update::internal(holder.key.clone(), Condition::as_read(item)?);
        part.update(next.update(&present, update));
    } else {
        part.delete_item(item)?;
    }
    next.change(&present, holder, &defined, part)?;
    Ok(remain)
}

#[cfg(test)]
mod tests;
