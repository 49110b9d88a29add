//! The tree of units: a unit, its place and what reserves its name.

use std::collections::BTreeSet;

use shared::entity::{
    Changed, Entity, Fields, Fixed, LocalizedText, Name, NonEmptyText, OrDefault, Remark, Text, Validity,
};
use shared::error::ApiError;
use shared::ids::{ClientExtId, UnitExtId, sha256_hex};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction};

/// The beginning of the sort keys of the profiles of a unit.
pub const MEMBER_PREFIX: &str = "PROFILE#";
/// The entity type of a unit's item.
pub const ENTITY_TYPE: &str = "Unit";
/// The attribute with the state.
pub const STATE: &str = "state";
/// The name of a default unit until it is changed.
const DEFAULT_NAME: &str = "Default";
/// The maximum length of a hierarchical name, in characters.
const MAX_HIERARCHICAL_NAME: usize = 4000;

shared::entity! {
    /// A unit.
    pub struct Unit [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: UnitExtId = "extId", "External identifier, unique within the client."
    ] {
        parent: Fixed<Option<UnitExtId>> = "parentUnitExtId", "Parent unit. Omitted for a unit at the top.", disclosed;
        name: Name = "name", "Name, unique among the units of the same parent.", disclosed;
        state: OrDefault<UnitState> = "state", "State. The default is `active`.", disclosed;
        location: Option<Text<0, 50>> = "location", "Location.", disclosed;
        description: Option<Remark> = "description", "Description.", disclosed;
        display_name: LocalizedText = "displayName", "Display name, by language.", disclosed;
        abbreviation: LocalizedText = "abbreviation", "Abbreviation, by language.", disclosed;
        profileless: Fixed<OrDefault<bool>> =
            "profileless", "Whether the unit cannot have profiles. The default is `false`.", disclosed;
        validity: Validity = "validity", "Period of validity.", disclosed;
        modification_comment: Option<Remark> = "modificationComment", "Comment on the last change.", disclosed;
    }
}

shared::names! {
    /// The state of a unit.
    #[derive(Default)]
    pub enum UnitState {
        /// The unit is active.
        #[default]
        Active = "active",
        /// The unit is disabled and can be activated again.
        Disabled = "disabled",
    }
}

shared::entity! {
    /// The place of a unit in the tree, in the item of the unit.
    pub struct Place {
        hierarchical_name: NonEmptyText =
            "hierarchicalName", "External identifiers from the top of the tree to the unit, after a `/` each.";
        ancestors: BTreeSet<String> = "ancestors", "All ancestors.";
    }
}

shared::entity! {
    /// The unit that has reserved a name below its parent.
    pub struct NameOwner {
        client: ClientExtId = "clientExtId", "The client.";
        unit: UnitExtId = "unitExtId", "The unit.";
    }
}

/// The indexes of the conditions under which a unit is created.
#[derive(Clone, Copy, Debug)]
pub struct Created {
    /// The external identifier is not in use.
    pub ext_id: ActionIndex,
    /// The name is not in use below the parent. `None` for a unit at the top.
    pub name: Option<ActionIndex>,
}

/// The number of copies of the item of a unit, which the changes of its members check.
pub(crate) const COPIES: u64 = 4;

/// Returns the key of a unit.
#[must_use]
pub fn key(client: &ClientExtId, unit: &UnitExtId) -> Key {
    Key::copied(COPIES, &["CLIENT", &client.key_part()], &["UNIT", &unit.key_part()])
}

/// Returns the key of the entry in the list of the children of `parent`, a copy of the unit's item.
#[must_use]
pub fn child_key(client: &ClientExtId, parent: &UnitExtId, unit: &UnitExtId) -> Key {
    Key::new(&["UNIT", &client.key_part(), &parent.key_part()], &["UNIT", &unit.key_part()])
}

/// Returns the key that reserves the name of a unit below `parent`.
#[must_use]
pub fn name_key(client: &ClientExtId, parent: &UnitExtId, name: &str) -> Key {
    Key::new(&["UNIT", &client.key_part(), &parent.key_part()], &["NAME", &sha256_hex(name)])
}

/// Returns the error for a unit whose name is in use below its parent.
#[must_use]
pub fn duplicate_name(name: &str) -> ApiError {
    ApiError::Duplicate(format!("Unit already exists with name '{name}'"))
}

/// Returns the error for a unit that would be too deep in the tree.
#[must_use]
pub fn too_deep(unit: &UnitExtId) -> ApiError {
    ApiError::InvalidData(format!(
        "The hierarchicalName of the unit with extId '{unit}' would be longer than {MAX_HIERARCHICAL_NAME} characters"
    ))
}

impl Place {
    /// Returns the place of a unit at the top.
    #[must_use]
    pub fn at_top(unit: &UnitExtId) -> Self {
        Self { ancestors: BTreeSet::new(), hierarchical_name: format!("/{unit}").into() }
    }

    /// Returns the place of a unit below the unit `parent`, which is at this place.
    ///
    /// # Errors
    /// [`ApiError::InvalidData`] if the place is too deep in the tree.
    pub fn below(&self, parent: &UnitExtId, unit: &UnitExtId) -> Result<Self, ApiError> {
        let hierarchical_name = format!("{}/{unit}", self.hierarchical_name);
        if hierarchical_name.chars().count() > MAX_HIERARCHICAL_NAME {
            return Err(too_deep(unit));
        }
        Ok(Self { ancestors: self.with(parent), hierarchical_name: hierarchical_name.into() })
    }

    /// Returns the external identifiers of the unit at this place and of its ancestors.
    #[must_use]
    pub fn with(&self, unit: &UnitExtId) -> BTreeSet<String> {
        self.ancestors.iter().cloned().chain([unit.to_string()]).collect()
    }
}

impl Unit {
    /// Returns a unit of which only the name and the parent are set.
    #[must_use]
    pub fn named(client: &ClientExtId, unit: &UnitExtId, parent: Option<&UnitExtId>, name: Name) -> Self {
        Self {
            client: client.clone(),
            ext_id: unit.clone(),
            parent: Fixed(parent.cloned()),
            name,
            state: OrDefault::default(),
            location: None,
            description: None,
            display_name: LocalizedText::default(),
            abbreviation: LocalizedText::default(),
            profileless: Fixed(OrDefault(false)),
            validity: Validity::default(),
            modification_comment: None,
        }
    }

    /// Returns the default unit of a client as it is created with the client.
    #[must_use]
    pub fn default_of(client: &ClientExtId, unit: &UnitExtId) -> Self {
        Self::named(client, unit, None, DEFAULT_NAME.into())
    }

    /// Reads a new unit of a client from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(
        client: ClientExtId,
        mut fields: Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let unit = Self::read(&mut fields, (client, ext_id));
        fields.finish()?;
        Ok(unit)
    }

    /// Adds the unit at a place to a transaction: the item and, below a parent, its entry in the list of the
    /// parent's units and the reservation of the name.
    pub fn create(&self, place: &Place, transaction: &mut Transaction) -> Created {
        let item = |key: &Key, entity_type| place.store(self.store(NewItem::new(key, entity_type)));
        let ext_id = transaction.create(item(&key(&self.client, &self.ext_id), ENTITY_TYPE));
        let name = self.parent.0.as_ref().map(|parent| {
            transaction.create(item(&child_key(&self.client, parent, &self.ext_id), "UnitEntry"));
            self.reserve_name(parent, transaction)
        });
        Created { ext_id, name }
    }

    /// Adds the reservation of the name below `parent` to a transaction.
    fn reserve_name(&self, parent: &UnitExtId, transaction: &mut Transaction) -> ActionIndex {
        let owner = NameOwner { client: self.client.clone(), unit: self.ext_id.clone() };
        transaction.create(owner.store(NewItem::new(&name_key(&self.client, parent, &self.name), "UnitName")))
    }

    /// Adds the deletion of the unit to a transaction, if `condition` holds for its item: the item, its entry in
    /// the list of the parent's units and the reservation of the name.
    pub(crate) fn delete(&self, condition: Condition, transaction: &mut Transaction) {
        transaction.delete(key(&self.client, &self.ext_id), condition);
        if let Some(parent) = &self.parent.0 {
            transaction.delete(child_key(&self.client, parent, &self.ext_id), Condition::Exists);
            self.release_name(parent, transaction);
        }
    }

    /// Adds the release of the name below `parent` to a transaction.
    fn release_name(&self, parent: &UnitExtId, transaction: &mut Transaction) {
        let own = Condition::AbsentOrText("unitExtId", self.ext_id.as_str().to_owned());
        transaction.delete(name_key(&self.client, parent, &self.name), own);
    }

    /// Adds the change from `present`, whose item is `item`, to a transaction: the item and, below a parent, its entry
    /// in the list of the parent's units and the reservation of the name.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        let updated = transaction.update_item(item, (present, self), |update| update)?;
        let name = present.parent.0.as_ref().and_then(|parent| {
            transaction.update_copy(child_key(&self.client, parent, &self.ext_id), (present, self));
            self.change_name(present, parent, transaction)
        });
        let name = name.map(|index| (index, duplicate_name(&self.name)));
        Ok(Changed { updated, reserved: name.into_iter().collect() })
    }

    /// Adds the change of the name from that of `present` below `parent` to a transaction: reserves the new
    /// name and releases the old one.
    ///
    /// Returns the index of the reservation, or `None` if the name remains.
    fn change_name(
        &self,
        present: &Self,
        parent: &UnitExtId,
        transaction: &mut Transaction,
    ) -> Option<ActionIndex> {
        if self.name == present.name {
            return None;
        }
        let reserved = self.reserve_name(parent, transaction);
        present.release_name(parent, transaction);
        Some(reserved)
    }
}
