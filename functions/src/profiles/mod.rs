//! Profiles: the memberships of users in units. They decide which data rooms a user belongs to.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod set_unit;
pub mod update;

use std::collections::BTreeSet;

use serde_json::Value;
use shared::entity::schema::{EXT_ID, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{Changed, Entity, FieldValue, Fields, Fixed, OrDefault, Remark, Text, Validity};
use shared::error::{ApiError, Code};
use shared::http::Request;
use shared::ids::{ClientExtId, UnitExtId, UserExtId};
use shared::service::{Closed, ResourceScope, Subject, UserAccess};
use shared::table::attribute::text;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

pub use crate::users::{ProfileExtId, profile_entry_key as entry_key, profile_key as key};

use crate::clients::{self, CLIENT_EXT_ID};
use crate::units::{self, Place, Unit, UnitState, disabled, profileless};
use crate::users::{
    self, DEFAULT_PROFILE, MEMBERSHIPS, Memberships, OF_USER, USER_EXT_ID, User, UserPath, UserState,
    membership,
};

/// The entity type of a profile's item.
pub const ENTITY_TYPE: &str = "Profile";
/// The entity type of the entry in the list of a user's profiles.
pub const ENTRY_TYPE: &str = "ProfileEntry";
/// The maximum number of profiles of a user. A change of the user's state is also one of each profile, in one
/// transaction, which is limited to 100 actions.
pub const MAX_PROFILES: usize = 20;
/// The beginning of the sort keys of the entries in the list of a user's profiles.
const PREFIX: &str = "PROFILE#";
/// The members of responses with the client and the user.
const OWNERS: &[&str] = &[CLIENT_EXT_ID, USER_EXT_ID];
/// The member that states whether it is the default profile.
const IS_DEFAULT: &str = "isDefaultProfile";

shared::entity! {
    /// A profile.
    pub struct Profile [
        client: ClientExtId = "clientExtId", "The client.";
        user: UserExtId = "userExtId", "The user.";
        ext_id: ProfileExtId = "extId", "External identifier, unique within the client."
    ] {
        unit: Fixed<Option<UnitExtId>> = "unitExtId", "Unit. The default is the default unit of the client.", disclosed;
        state: State = "profileState", "State. The default is `active`. `archived` is final.", disclosed;
        name: Option<Text<1, 300>> = "name", "Name.", disclosed;
        is_default: OrDefault<bool> =
            "isDefaultProfile", "Whether it is the default profile of the user, as the first profile is.", disclosed;
        validity: Validity = "validity", "Period of validity.", disclosed;
        remarks: Option<Remark> = "remarks", "Remarks.", disclosed;
        modification_comment: Option<Remark> = "modificationComment", "Comment on the last change.", disclosed;
    }
}

shared::names! {
    /// The state of a profile.
    #[derive(Default)]
    pub enum ProfileState {
        /// The profile is active.
        #[default]
        Active = "active",
        /// The profile is disabled and can be activated again.
        Disabled = "disabled",
        /// The profile is archived permanently.
        Archived = "archived",
    }
}

/// The state of a profile as a field: `active` by default. The body of a creation is described without
/// `archived`, to which only a change leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State(pub ProfileState);

impl FieldValue for State {
    const KIND: FieldKind =
        FieldKind::Enum(&[ProfileState::Active.as_str(), ProfileState::Disabled.as_str()]);
    const KIND_SHOWN: FieldKind = ProfileState::KIND;
    const KIND_CHANGED: FieldKind = ProfileState::KIND;
    const REQUIRED: bool = false;
    const SHOWN: bool = true;

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        Self(Option::<ProfileState>::read(fields, name).unwrap_or_default())
    }

    shared::stored_as_its_value!();
}

shared::entity! {
    /// What decides on the access to a profile, in its item.
    pub struct Holder {
        state: users::State = "userState", "State of the user.";
        units: BTreeSet<String> = "unitsWithAncestors", "The unit and all units above it.";
    }
}

/// The request body to create a profile.
const NEW_PROFILE: ObjectSchema = ObjectSchema {
    name: "NewProfile",
    description: "A profile to create.",
    parts: &[&[NEW_EXT_ID], Profile::BODY],
};

/// A profile in a response.
const PROFILE: ObjectSchema = ObjectSchema {
    name: "Profile",
    description: "A profile.",
    parts: &[&[EXT_ID, clients::OF_CLIENT, OF_USER], Profile::SHOWN, HISTORY],
};

/// The client and the profile of the path.
const SUBJECT: Subject = Subject {
    scope: ResourceScope::Client,
    keys: |request| vec![clients::key(&request.client()), key(&request.client(), &of(request))],
    admit: |subject, request, items| clients::admit_in_units(subject, request, items, access_to),
    missing: |request, _| missing(&of(request)),
    has_units: true,
    has_owner: true,
    closed: Some(ARCHIVED),
    is_deleted: false,
};

/// The state in which a profile can only be deleted: that of the user, which the item of the profile has.
pub const ARCHIVED: Closed =
    Closed { failure: |item| Ok(users::archived(&UserExtId::load(item, USER_EXT_ID)?)), ..users::ARCHIVED };

/// Returns the profile of a request's path.
fn of(request: &Request) -> ProfileExtId {
    ProfileExtId::unchecked(request.parameter("profileExtId"))
}

/// Returns what decides on the access to the profile of an item.
fn access_to(item: &Item) -> Result<UserAccess, TableError> {
    let Holder { state, units } = Holder::load(item)?;
    let owner = Some(UserExtId::load(item, USER_EXT_ID)?);
    Ok(UserAccess { is_active: state.0 == UserState::Active, owner, ..units::access_to_units(&units) })
}

/// Returns the profile of an item as in lists.
fn show(item: &Item) -> Result<Value, TableError> {
    clients::show_with::<Profile>(item, OWNERS)
}

/// Returns the error for a profile that does not exist.
#[must_use]
pub fn missing(profile: &ProfileExtId) -> ApiError {
    ApiError::NotFound(format!("Profile doesn't exist with extId '{profile}'"))
}

/// Returns the error for a profile whose external identifier is in use.
#[must_use]
pub fn duplicate(profile: &ProfileExtId) -> ApiError {
    ApiError::Duplicate(format!("Profile already exists with extId '{profile}'"))
}

/// Returns the error for a change of an archived profile.
fn archived(profile: &ProfileExtId) -> ApiError {
    ApiError::Rules(vec![(Code::ModifyArchivedProfile, format!("Profile is archived: {profile}"))])
}

/// Returns the error for a user who has the maximum number of profiles.
#[must_use]
pub fn too_many(user: &UserExtId) -> ApiError {
    ApiError::InvalidData(format!("User has the maximum of {MAX_PROFILES} profiles: {user}"))
}

/// Returns the key of the entry in the list of a unit's profiles.
#[must_use]
pub fn member_key(client: &ClientExtId, unit: &UnitExtId, profile: &ProfileExtId) -> Key {
    Key::new(&["UNIT", &client.key_part(), &unit.key_part()], &["PROFILE", &profile.key_part()])
}

/// Returns the unit of an item and all units above it.
///
/// # Errors
/// [`ApiError::Rules`] if the unit is profileless.
pub fn units_of(item: &Item) -> Result<BTreeSet<String>, ApiError> {
    let unit = Unit::load(item)?;
    if unit.profileless.0.0 {
        return Err(profileless(&unit.ext_id));
    }
    Ok(Place::load(item)?.with(&unit.ext_id))
}

/// Checks that the unit of an item is active.
///
/// # Errors
/// [`ApiError::Rules`] if it is disabled.
pub fn require_active_unit(item: &Item) -> Result<(), ApiError> {
    let unit = Unit::load(item)?;
    if unit.state.0 == UnitState::Disabled { Err(disabled(&unit.ext_id)) } else { Ok(()) }
}

impl Profile {
    /// Reads a new profile of a user from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(
        user: UserPath,
        mut fields: Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let profile = Self::read(&mut fields, (user.client, user.user, ext_id));
        fields.finish()?;
        Ok(profile)
    }

    /// Returns a profile of which only the unit is set, and whether it is the default one.
    #[must_use]
    pub fn in_unit(user: &UserPath, ext_id: ProfileExtId, unit: &UnitExtId, is_default: bool) -> Self {
        Self {
            client: user.client.clone(),
            user: user.user.clone(),
            ext_id,
            unit: Fixed(Some(unit.clone())),
            state: State::default(),
            name: None,
            is_default: OrDefault(is_default),
            validity: Validity::default(),
            remarks: None,
            modification_comment: None,
        }
    }

    /// Returns the identifiers of the user.
    #[must_use]
    pub fn owner(&self) -> UserPath {
        UserPath { client: self.client.clone(), user: self.user.clone() }
    }

    /// Adds the profile to a transaction: the item and its entries in the lists of the user and of the unit.
    ///
    /// Returns the index of the condition that the external identifier is not in use.
    pub fn create(&self, holder: &Holder, transaction: &mut Transaction) -> ActionIndex {
        let item = |key: &Key, entity_type| holder.store(self.store(NewItem::new(key, entity_type)));
        let ext_id = transaction.create(item(&key(&self.client, &self.ext_id), ENTITY_TYPE));
        transaction.create(item(&entry_key(&self.owner(), &self.ext_id), ENTRY_TYPE));
        self.enter_unit(transaction);
        ext_id
    }

    /// Adds the profile of the user of an item to a transaction, which also changes the user. The first profile
    /// becomes the default one. `units` are the unit and all units above it.
    ///
    /// Returns the index of the condition that the external identifier is not in use.
    ///
    /// # Errors
    /// [`ApiError::Rules`] for a technical user who has a profile. [`ApiError::InvalidData`] if the user has
    /// [`MAX_PROFILES`].
    pub fn create_for(
        &mut self,
        item: &Item,
        units: BTreeSet<String>,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, ApiError> {
        let (user, memberships) = (User::load(item)?, Memberships::load(item)?);
        if user.is_technical.0 && !memberships.all.is_empty() {
            return Err(users::one_profile(&self.user));
        }
        if memberships.all.len() >= MAX_PROFILES {
            return Err(too_many(&self.user));
        }
        self.is_default.0 |= memberships.default.is_none();
        let entry = text(&membership(&units));
        let created = self.create(&Holder { state: user.state, units }, transaction);
        let change = |update: Update| {
            let update = update.set_entry(MEMBERSHIPS, self.ext_id.as_str(), Some(entry.clone()));
            if self.is_default.0 { update.set(DEFAULT_PROFILE, self.ext_id.attribute()) } else { update }
        };
        if self.is_default.0 {
            self.mark_default(memberships.default.as_ref(), false, transaction);
        }
        let unchanged = Condition::as_read(item)?;
        users::change_memberships(&self.owner(), unchanged, change, transaction);
        Ok(created)
    }

    /// Returns true if the profile becomes the default one by the change from `present`.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] if it would no longer be the default one: every user with profiles has one.
    pub fn becomes_default(&self, present: &Self) -> Result<bool, ApiError> {
        match (present.is_default.0, self.is_default.0) {
            (true, true) | (false, false) => Ok(false),
            (true, false) => Err(ApiError::InvalidFields(vec![IS_DEFAULT.to_owned()])),
            (false, true) => Ok(true),
        }
    }

    /// Adds the change from `present`, whose item is `item`, to a transaction: the item, its entries in the lists of
    /// the user and of the units, and the memberships of the user.
    ///
    /// `units` are the unit and all units above it if the unit changes. `user` is the item of the user if the profile
    /// becomes the default one; the profile that was it no longer is.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item is not one of a profile and its user.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        units: Option<BTreeSet<String>>,
        user: Option<&Item>,
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        if self == present {
            return Ok(Changed::default());
        }
        let (owner, holder) = (self.owner(), Holder::load(item)?);
        let moved = Holder { units: units.unwrap_or_else(|| holder.units.clone()), ..holder.clone() };
        let unchanged = Condition::as_read(item)?;
        let own = Update::new(key(&self.client, &self.ext_id), unchanged);
        let copy = Update::new(entry_key(&owner, &self.ext_id), Condition::Exists);
        let [updated, _] =
            [own, copy].map(|update| transaction.update(moved.update(&holder, self.update(present, update))));
        if self.unit != present.unit {
            present.leave_unit(transaction);
            self.enter_unit(transaction);
        }
        let entry = (moved != holder).then(|| text(&membership(&moved.units)));
        let mut user_is = Condition::Exists;
        if let Some(user) = user {
            self.mark_default(Memberships::load(user)?.default.as_ref(), false, transaction);
            user_is = Condition::as_read(user)?;
        }
        let change = |update: Update| {
            let update = match &entry {
                Some(entry) => update.set_entry(MEMBERSHIPS, self.ext_id.as_str(), Some(entry.clone())),
                None => update,
            };
            if user.is_some() { update.set(DEFAULT_PROFILE, self.ext_id.attribute()) } else { update }
        };
        if entry.is_some() || user.is_some() {
            users::change_memberships(&owner, user_is, change, transaction);
        }
        Ok(Changed { updated: Some(updated), reserved: Vec::new() })
    }

    /// Adds the profile to the list of the unit's profiles.
    fn enter_unit(&self, transaction: &mut Transaction) {
        if let Some(unit) = &self.unit.0 {
            let key = member_key(&self.client, unit, &self.ext_id);
            let entry = NewItem::new(&key, "ProfileOfUnit").with_text(CLIENT_EXT_ID, self.client.as_str());
            transaction.create(entry);
        }
    }

    /// Adds the deletion of the profile, whose entry in the list of the user is `entry`, to a transaction. The user is
    /// deleted too.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the entry has no key or revision.
    pub(crate) fn delete_with_user(
        &self,
        entry: &Item,
        transaction: &mut Transaction,
    ) -> Result<(), TableError> {
        transaction.delete(entry.key()?, Condition::Any);
        transaction.delete(key(&self.client, &self.ext_id), Condition::Any);
        if let Some(unit) = &self.unit.0 {
            transaction.delete(member_key(&self.client, unit, &self.ext_id), Condition::Any);
        }
        Ok(())
    }

    /// Removes the profile from the list of the unit's profiles.
    fn leave_unit(&self, transaction: &mut Transaction) {
        if let Some(unit) = &self.unit.0 {
            transaction.delete(member_key(&self.client, unit, &self.ext_id), Condition::Exists);
        }
    }

    /// Makes another profile of the same user, if there is one, the default one or no longer the default one.
    fn mark_default(&self, other: Option<&ProfileExtId>, is_default: bool, transaction: &mut Transaction) {
        // If the other one turns out to be this one, a condition on this one fails, and a key occurs only once in a
        // transaction.
        let Some(other) = other.filter(|other| **other != self.ext_id) else { return };
        for key in [key(&self.client, other), entry_key(&self.owner(), other)] {
            let update = Update::new(key, Condition::Exists);
            transaction.update(update.set(IS_DEFAULT, is_default.attribute()));
        }
    }

    /// Checks that the profile can be changed.
    ///
    /// # Errors
    /// [`ApiError::Rules`] if the profile is archived.
    pub fn require_changeable(&self) -> Result<(), ApiError> {
        if self.state.0 == ProfileState::Archived { Err(archived(&self.ext_id)) } else { Ok(()) }
    }
}
