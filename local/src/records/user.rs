//! `user`: a user, with one profile for each of their `units` if there are any.

use std::collections::BTreeSet;

use functions::profiles::{self, Holder, MAX_PROFILES, Profile, ProfileExtId};
use functions::units;
use functions::users::{self, Memberships, User, UserState, membership};
use shared::entity::{self, Entity as _, FieldValue as _, Fields};
use shared::error::ApiError;
use shared::ids::{ClientExtId, UnitExtId};
use shared::policy::UserMember;
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// A user, and the units for which profiles are created. An export has a record for each profile instead.
/// Boxed, because most other kinds of records are smaller.
pub(crate) struct UserRecord {
    user: Box<User>,
    units: BTreeSet<String>,
    /// The members whose values the import reserves.
    unique: Vec<UserMember>,
}

impl UserRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let ext_id = fields.required_ext_id("extId");
        let units = BTreeSet::<String>::read(&mut fields, "units");
        let user = User::read(&mut fields, (client, ext_id));
        let unique = fields.settings().unique_user_fields.clone();
        if units.len() > if user.is_technical.0 { 1 } else { MAX_PROFILES } {
            fields.refuse("units");
        }
        fields.finish()?;
        Ok(Self { user: Box::new(user.with_login_id()?), units, unique })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: Box::new(User::load(item)?), units: BTreeSet::new(), unique: Vec::new() })
    }

    /// Plans the replacement of the user of an item, and the creation of profiles that are missing. Profiles for no
    /// unit of the line remain.
    fn replace(&self, item: &Item, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let (present, mut memberships) = (User::load(item)?, Memberships::load(item)?);
        let mut missing = Vec::new();
        for (unit, profile) in self.profiles() {
            match draft.at(&profiles::key(&profile.client, &profile.ext_id)) {
                None => missing.push((unit, profile)),
                Some(item) => {
                    let stored = Profile::load(item)?;
                    if (&stored.user, &stored.unit) != (&profile.user, &profile.unit) {
                        return Err(profiles::duplicate(&profile.ext_id).into());
                    }
                }
            }
        }
        if present == *self.user && missing.is_empty() {
            return Ok(Plan::Unchanged);
        }
        users::ARCHIVED.require_open(item)?;
        entity::require_changeable(&present, &self.user)?;
        if self.user.state.0 == UserState::Archived {
            return Err(ApiError::InvalidFields(vec![users::USER_STATE.to_owned()]).into());
        }
        if memberships.all.len() + missing.len() > MAX_PROFILES {
            return Err(profiles::too_many(&self.user.ext_id).into());
        }
        self.join(missing, &mut memberships, draft)?;
        let changed =
            self.user.change((&present, item), &memberships, draft.settings, &mut draft.transaction)?;
        Ok(draft.replace(changed))
    }

    /// Plans the creation of profiles in units, and adds them to the memberships of the user.
    fn join(
        &self,
        profiles: impl IntoIterator<Item = (UnitExtId, Profile)>,
        memberships: &mut Memberships,
        draft: &mut Draft<'_>,
    ) -> Result<(), Stop> {
        for (unit, mut profile) in profiles {
            let item = draft.require_unit(&self.user.client, &unit)?;
            let units = profiles::units_of(item)?;
            memberships.all.insert(profile.ext_id.to_string(), membership(&units));
            profile.is_default.0 = memberships.default.is_none();
            memberships.default.get_or_insert_with(|| profile.ext_id.clone());
            let created = profile.create(&Holder { state: self.user.state, units }, &mut draft.transaction);
            draft.refuse_at(created, profiles::duplicate(&profile.ext_id).into());
        }
        Ok(())
    }

    /// Returns the profiles for the units: the first one is the default one.
    fn profiles(&self) -> impl Iterator<Item = (UnitExtId, Profile)> {
        self.units.iter().enumerate().map(|(number, unit)| {
            let unit = UnitExtId::unchecked(unit);
            let ext_id = ProfileExtId::unchecked(&format!("{}:{unit}", self.user.ext_id));
            let profile = Profile::in_unit(&self.user.path(), ext_id, &unit, number == 0);
            (unit, profile)
        })
    }
}

impl RecordKind for UserRecord {
    fn keys(&self) -> Vec<Key> {
        let units = self.profiles().map(|(unit, _)| units::key(&self.user.client, &unit));
        [self.user.path().key(), functions::clients::key(&self.user.client)]
            .into_iter()
            .chain(units)
            .collect()
    }

    fn keys_to_replace(&self, found: &Found) -> Result<Vec<Key>, TableError> {
        let exists = found.at(&self.user.path().key()).is_some();
        let profiles = self.profiles().filter(|_| exists);
        Ok(profiles.map(|(_, profile)| profiles::key(&profile.client, &profile.ext_id)).collect())
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("User", self.user.ext_id.as_str());
        let present = draft.at(&self.user.path().key());
        if let Some(item) = present.filter(|_| draft.replaces) {
            return self.replace(item, draft);
        }
        self.user.require_members(&draft.settings.mandatory_user_fields, None)?;
        if let Some(item) = present {
            let stored = Memberships::load(item)?.profiles();
            let has_all = self.profiles().all(|(_, profile)| stored.contains(&profile.ext_id));
            return draft.unchanged_if(User::load(item)? == *self.user && has_all, exists());
        }
        draft.require_client(&self.user.client)?;
        let mut memberships = Memberships::default();
        self.join(self.profiles(), &mut memberships, draft)?;
        let created = self.user.create(&memberships, &self.unique, &mut draft.transaction);
        draft.refuse_at(created.ext_id, exists());
        for (index, in_use) in created.reserved {
            draft.refuse_at(index, in_use.into());
        }
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&*self.user);
        members.retain(|(name, value)| *name != "isTechnicalUser" || *value != false);
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.ext_id.to_string()]
    }
}
