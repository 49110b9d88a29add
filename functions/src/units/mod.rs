//! Units: the tree that the users of a client hang in, by which data rooms are cut.

use std::collections::BTreeSet;

use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

/// The kind of a unit's item.
pub const ENTITY_TYPE: &str = "Unit";

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The client that it belongs to.
    pub client: ClientExtId,
    /// What it is named by, unique within the client.
    pub ext_id: UnitExtId,
    /// What it is called; none for a default unit.
    pub name: Option<String>,
    /// The unit above it; none for a default unit.
    pub parent: Option<UnitExtId>,
    /// All units above it.
    pub ancestors: BTreeSet<UnitExtId>,
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
    pub fn child(&self, ext_id: UnitExtId, name: String) -> Self {
        Self {
            client: self.client.clone(),
            ext_id,
            name: Some(name),
            parent: Some(self.ext_id.clone()),
            ancestors: self.with_ancestors(),
        }
    }

    /// The unit and all units above it.
    #[must_use]
    pub fn with_ancestors(&self) -> BTreeSet<UnitExtId> {
        self.ancestors.iter().chain([&self.ext_id]).cloned().collect()
    }

    /// Reads a unit from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            client: ClientExtId::unchecked(item.text("clientExtId")?),
            ext_id: UnitExtId::unchecked(item.text("extId")?),
            name: item.optional_text("name")?.map(str::to_owned),
            parent: item.optional_text("parentUnitExtId")?.map(UnitExtId::unchecked),
            ancestors: item.set("ancestors")?.iter().map(|unit| UnitExtId::unchecked(unit)).collect(),
        })
    }

    /// Adds the unit to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let ancestors = self.ancestors.iter().map(ToString::to_string).collect();
        let item = NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)
            .with_text("clientExtId", self.client.as_str())
            .with_text("extId", self.ext_id.as_str())
            .with_optional_text("name", self.name.as_deref())
            .with_optional_text("parentUnitExtId", self.parent.as_ref().map(UnitExtId::as_str))
            .with_set("ancestors", &ancestors);
        transaction.create(item)
    }
}
