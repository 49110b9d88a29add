//! The values of properties: who has them, and how they are read, changed and reserved.

use std::collections::{BTreeMap, BTreeSet};

use shared::entity::{Entity as _, TextMap};
use shared::error::ApiError;
use shared::http::Response;
use shared::ids::{ClientExtId, sha256};
use shared::rights::Right;
use shared::service::{self, Access, Commit, Parents};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction};

use super::{Definition, PropertyFailure, PropertyName, Scope};

/// The number of partitions with the entries of the entities that have a value of a property. Every change of a
/// value writes to one of them.
const SHARDS: u8 = 16;
/// The beginning of the sort keys of these entries.
pub const OWNERS: &str = "USER#";

shared::entity! {
    /// The values of properties, in the item of the entity that has them or in an item of their own.
    #[derive(Default)]
    pub struct Values {
        properties: TextMap = "properties", "Values of the properties, by name.", disclosed;
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
    /// The maximum number of its properties, if one transaction releases all of them.
    pub most: Option<usize>,
    /// The client.
    pub client: ClientExtId,
    /// The key of the item with the values. Its partition owns the values that are reserved.
    pub key: Key,
}

/// The definition of a property that applies to an entity, as it was read.
#[derive(Clone, Debug)]
pub struct Applicable {
    /// The definition.
    pub definition: Definition,
    /// Its item.
    pub item: Item,
    /// The identifier of the definition for all clients, if that of the client replaces it.
    pub replaced: Option<u64>,
}

/// The conditions of a change of values.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// The definitions are as they were read.
    pub definitions: Vec<ActionIndex>,
    /// The unique values are not in use.
    pub reservations: Vec<Reservation>,
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

/// Returns the key of the entry of an entity among those that have a value of a property. `owner` is the partition
/// of the entity.
#[must_use]
pub fn entry_key(id: u64, owner: &str) -> Key {
    let [first, ..] = sha256(owner);
    Key::new(&[&entry_partition(id, first % SHARDS)], &[owner])
}

/// Returns the partitions with the entries of a definition.
#[must_use]
pub fn entry_partitions(id: u64) -> Vec<String> {
    (0..SHARDS).map(|shard| entry_partition(id, shard)).collect()
}

fn entry_partition(id: u64, shard: u8) -> String {
    format!("PROPERTY_VALUES#{id}#{shard}")
}

impl Applicable {
    /// Returns the definition that applies: that of the client, or else the one for all clients.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item is not a definition.
    pub fn of([of_all, of_client]: [Option<&Item>; 2]) -> Result<Option<Self>, TableError> {
        let Some(item) = of_client.or(of_all) else { return Ok(None) };
        let replaced = of_all.filter(|_| of_client.is_some()).map(Definition::load).transpose()?;
        let replaced = replaced.map(|definition| definition.id);
        Ok(Some(Self { definition: Definition::load(item)?, item: item.clone(), replaced }))
    }

    /// Returns the definition as it applies to callers with the right `PropertyAttributeAccessOverride`.
    #[must_use]
    pub fn writable(self) -> Self {
        Self { definition: self.definition.writable(), ..self }
    }

    /// Adds the change of a value of the property from `old` to `new` to a transaction: the condition that the
    /// definition is as it was read, whose index is returned, and the entry of the entity.
    fn change(
        &self,
        owner: &str,
        [old, new]: [Option<&String>; 2],
        transaction: &mut Transaction,
    ) -> Result<Option<ActionIndex>, TableError> {
        let entry = entry_key(self.definition.id, owner);
        // The old value may be from before the client had a definition of its own.
        if let Some(replaced) = self.replaced.filter(|_| old.is_some()) {
            transaction.delete(entry_key(replaced, owner), Condition::Any);
        }
        // The removal of a value breaks no rule.
        if new.is_none() {
            transaction.delete(entry, Condition::Any);
            return Ok(None);
        }
        if old.is_none() || self.replaced.is_some() {
            transaction.put(NewItem::new(&entry, "PropertyHolder"), Condition::Any);
        }
        transaction.refer_to(&self.item).map(Some)
    }
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
    ) -> Result<(Parents, Option<Item>, BTreeMap<String, Applicable>), ApiError> {
        let definitions: Vec<(&String, [Key; 2])> =
            names.map(|name| (name, self.definition_keys(name))).collect();
        let keys = [&self.key].into_iter().chain(definitions.iter().flat_map(|(_, keys)| keys));
        let (parents, mut items) = access.get_many(keys.collect()).await?;
        let item = items.remove(&self.key);
        let overrides = access.has_over(Right::PropertyAttributeAccessOverride, parents.units());
        let mut defined = BTreeMap::new();
        for (name, keys) in &definitions {
            if let Some(applicable) = Applicable::of(keys.each_ref().map(|key| items.get(key)))? {
                let applicable = if overrides { applicable.writable() } else { applicable };
                defined.insert((*name).clone(), applicable);
            }
        }
        Ok((parents, item, defined))
    }
}

impl Values {
    /// Adds the change from the values of `present` to a transaction, except for the item of the values: the
    /// entries of the entity, and the reservations of unique values, of which those that are no longer in use are
    /// released.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if a value has no definition.
    pub fn change(
        &self,
        present: &Self,
        holder: &Holder,
        defined: &BTreeMap<String, Applicable>,
        transaction: &mut Transaction,
    ) -> Result<Conditions, TableError> {
        let (scope, owner) = (holder.scope, holder.key.pk());
        let mut conditions = Conditions::default();
        let names: BTreeSet<&String> = present.properties.keys().chain(self.properties.keys()).collect();
        for name in names {
            let [old, new] = [present, self].map(|values| values.properties.get(name));
            if old != new {
                let applicable = defined.get(name).ok_or(TableError::Corrupt)?;
                conditions.definitions.extend(applicable.change(owner, [old, new], transaction)?);
            }
        }
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
                conditions.reservations.push(Reservation { name: name.clone(), value: value.clone(), index });
            }
        }
        Ok(conditions)
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

/// Commits a change of values. Returns `None` if something changed since it was read: a definition, or one of the
/// conditions `as_read` failed.
///
/// # Errors
/// The failures of the reservations, and those of [`Access::commit`].
pub async fn commit(
    access: &Access<'_>,
    transaction: service::Changes,
    response: Response,
    as_read: &[ActionIndex],
    conditions: Conditions,
) -> Result<Option<Response>, ApiError> {
    let failed = match access.commit(transaction, response).await? {
        Commit::Done(response) => return Ok(Some(response)),
        Commit::Failed(failed) => failed,
    };
    let Conditions { definitions, reservations } = conditions;
    let failures = reservations.into_iter().filter(|reservation| failed.at(reservation.index).is_some());
    let failures: Vec<PropertyFailure> = failures.map(Reservation::failure).collect();
    let is_unchanged = as_read.iter().chain(&definitions).all(|index| failed.at(*index).is_none());
    if is_unchanged && !failures.is_empty() { Err(PropertyFailure::error(&failures)) } else { Ok(None) }
}
