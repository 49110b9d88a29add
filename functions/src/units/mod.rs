//! Units: the tree that the users of a client hang in, by which data rooms are cut.

use std::collections::BTreeSet;

use shared::entity::{Entity as _, NonEmptyText};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{ActionIndex, Key, NewItem, Transaction};

/// The kind of a unit's item.
pub const ENTITY_TYPE: &str = "Unit";

shared::entity! {
    /// A unit.
    pub struct Unit [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: UnitExtId = "extId", "External identifier, unique within the client."
    ] {
        parent: Option<UnitExtId> = "parentUnitExtId", "The unit above it; none for the default unit.";
        name: Option<NonEmptyText> = "name", "Name; none for the default unit.";
        ancestors: BTreeSet<String> = "ancestors", "All units above it.";
    }
}

/// The key of a unit.
#[must_use]
pub fn key(client: &ClientExtId, unit: &UnitExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["UNIT", &unit.key_part()])
}

impl Unit {
    /// The default unit of a client: the root of its tree.
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

    /// A unit below this one.
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

    /// Returns the unit and all units above it.
    #[must_use]
    pub fn with_ancestors(&self) -> BTreeSet<String> {
        self.ancestors.iter().cloned().chain([self.ext_id.to_string()]).collect()
    }

    /// Adds the unit to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)))
    }
}
