//! The values of properties: who has them, and how they are read, changed and reserved.

use std::collections::{BTreeSet, HashMap};

use shared::entity::{Entity as _, TextMap};
use shared::error::ApiError;
use shared::http::Response;
use shared::ids::ClientExtId;
use shared::rights::Right;
use shared::service::{self, Access, Commit, Parents};
use shared::table::{ActionIndex, Item, Key, Transaction};

use super::{Definition, PropertyFailure, PropertyName, Scope};

shared::entity! {
    /// The values of properties, in the item of the entity that has them or in an item of their own.
    #[derive(Default)]
    pub struct Values {
        properties: TextMap = "properties", "Values of the properties, by name.";
        unique: BTreeSet<String> = "uniqueProperties", "Names of the properties whose values are reserved.";
    }
}

/// An entity that has values of properties.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The scope of its properties.
    pub scope: Scope,
    /// What it is, as messages name it.
    pub name: &'static str,
    /// The client.
    pub client: ClientExtId,
    /// The key of the item with the values. Its partition owns the values that are reserved.
    pub key: Key,
}

/// The reservation of a unique value in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The property.
    pub name: String,
    /// The value.
    pub value: String,
    /// The index of the reservation.
    pub index: ActionIndex,
}

impl Holder {
    /// Returns the keys of the definitions that a property can have: the one for all clients, and that of the
    /// client, which replaces it.
    #[must_use]
    pub fn definition_keys(&self, name: &str) -> [Key; 2] {
        let name = PropertyName::unchecked(name);
        [None, Some(&self.client)].map(|client| super::key(self.scope, client, &name))
    }

    /// Reads the item with the values and the definitions of these properties in one call.
    ///
    /// A definition is writable if the caller has the right to override its access.
    ///
    /// # Errors
    /// Those of [`Access::get_many`], or an error for a corrupt definition.
    pub async fn read<'a>(
        &self,
        access: &Access<'_>,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<(Parents, Option<Item>, HashMap<String, Definition>), ApiError> {
        let definitions: Vec<(&String, Key)> =
            names.flat_map(|name| self.definition_keys(name).map(|definition| (name, definition))).collect();
        let keys = [&self.key].into_iter().chain(definitions.iter().map(|(_, key)| key));
        let (parents, mut items) = access.get_many(keys.collect()).await?;
        let item = items.remove(&self.key);
        let overrides = access.has_over(Right::PropertyAttributeAccessOverride, parents.units());
        let mut defined = HashMap::new();
        // The definition of the client comes after the global one and replaces it.
        for (name, key) in definitions {
            if let Some(item) = items.get(&key) {
                let definition = Definition::load(item)?;
                defined.insert(name.clone(), if overrides { definition.writable() } else { definition });
            }
        }
        Ok((parents, item, defined))
    }
}

impl Values {
    /// Adds the reservations of the unique values to a transaction.
    pub fn reserve(&self, holder: &Holder, transaction: &mut Transaction) -> Vec<Reservation> {
        self.change(&Self::default(), holder, transaction)
    }

    /// Adds the change of the reservations from those of `present` to a transaction: releases the unique values
    /// that are no longer in use, and reserves the new ones.
    pub fn change(&self, present: &Self, holder: &Holder, transaction: &mut Transaction) -> Vec<Reservation> {
        let (scope, owner) = (holder.scope, holder.key.pk());
        let mut reservations = Vec::new();
        for name in present.unique.union(&self.unique) {
            let (old, new) = (present.reserved(name), self.reserved(name));
            if old == new {
                continue;
            }
            let property = PropertyName::unchecked(name);
            if let Some(old) = old {
                super::release_value(scope, &property, old, owner, transaction);
            }
            if let Some(value) = new {
                let index = super::reserve_value(scope, &property, value, owner, transaction);
                reservations.push(Reservation { name: name.clone(), value: value.clone(), index });
            }
        }
        reservations
    }

    /// Returns the value of a property if it is reserved.
    fn reserved(&self, name: &str) -> Option<&String> {
        self.properties.get(name).filter(|_| self.unique.contains(name))
    }
}

impl Reservation {
    /// Returns the failure for a value that is already reserved.
    #[must_use]
    pub fn failure(self) -> PropertyFailure {
        PropertyFailure::NotUnique { name: self.name, value: self.value }
    }
}

/// Commits a change of values. Returns `None` if something changed since it was read: one of the conditions
/// `as_read` failed.
///
/// # Errors
/// The failures of the reservations, and those of [`Access::commit`].
pub async fn commit(
    access: &Access<'_>,
    transaction: service::Changes,
    response: Response,
    as_read: &[ActionIndex],
    reservations: Vec<Reservation>,
) -> Result<Option<Response>, ApiError> {
    let failed = match access.commit(transaction, response).await? {
        Commit::Done(response) => return Ok(Some(response)),
        Commit::Failed(failed) => failed,
    };
    let failures = reservations.into_iter().filter(|reservation| failed.at(reservation.index).is_some());
    let failures: Vec<PropertyFailure> = failures.map(Reservation::failure).collect();
    let is_unchanged = as_read.iter().all(|index| failed.at(*index).is_none());
    if is_unchanged && !failures.is_empty() { Err(PropertyFailure::error(&failures)) } else { Ok(None) }
}
