//! Units: the organisational tree of a client, to which users belong. Data rooms are defined by units.

use std::collections::BTreeSet;

use shared::entity::{Entity as _, NonEmptyText};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{ActionIndex, Key, NewItem, Transaction};

/// The entity type of a unit's item.
pub const ENTITY_TYPE: &str = "Unit";

shared::entity! {
    /// A unit.
    pub struct Unit [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: UnitExtId = "extId", "External identifier, unique within the client."
    ] {
        parent: Option<UnitExtId> = "parentUnitExtId", "Parent unit. Omitted for the default unit.";
        name: Option<NonEmptyText> = "name", "Name. Omitted for the default unit.";
        ancestors: BTreeSet<String> = "ancestors", "All ancestors.";
    }
}

/// Returns the key of a unit.
#[must_use]
pub fn key(client: &ClientExtId, unit: &UnitExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["UNIT", &unit.key_part()])
}

impl Unit {
    /// Returns the default unit of a client, which is the root of its tree.
    #[must_use]
    pub fn default_of(client: &ClientExtId, unit: &UnitExtId) -> Self {
        Self {
            client: client.clone(),
            ext_id: unit.clone(),
            name: None,
            parent: None,
            ancestors: BTreeSet::new(),
        }
    }

    /// Returns a child of this unit.
    #[must_use]
    pub fn child(&self, ext_id: UnitExtId, name: NonEmptyText) -> Self {
        Self {
            client: self.client.clone(),
            ext_id,
            name: Some(name),
            parent: Some(self.ext_id.clone()),
            ancestors: self.with_ancestors(),
        }
    }

    /// Returns the extIds of the unit and its ancestors.
    #[must_use]
    pub fn with_ancestors(&self) -> BTreeSet<String> {
        self.ancestors.iter().cloned().chain([self.ext_id.to_string()]).collect()
    }

    /// Adds the unit to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)))
    }
}
