//! `user`: a user, with one profile for each of their `units` if there are any.

use std::collections::BTreeSet;

use functions::profiles::{self, Holder, MAX_PROFILES, Profile, ProfileExtId};
use functions::units;
use functions::users::{self, Memberships, User, membership};
use shared::entity::{Entity as _, FieldValue as _, Fields};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// A user, and the units for which profiles are created. An export has a record for each profile instead.
/// Boxed, because most other kinds of records are smaller.
pub(crate) struct UserRecord(Box<User>, BTreeSet<String>);

impl UserRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let ext_id = fields.required_ext_id("extId");
        let units = BTreeSet::<String>::read(&mut fields, "units");
        let user = User::read(&mut fields, (client, ext_id));
        if units.len() > if user.is_technical.0 { 1 } else { MAX_PROFILES } {
            fields.refuse("units");
        }
        fields.finish()?;
        Ok(Self(Box::new(user.with_login_id()?), units))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self(Box::new(User::load(item)?), BTreeSet::new()))
    }

    /// Returns the profiles for the units: the first one is the default one.
    fn profiles(&self) -> impl Iterator<Item = (UnitExtId, Profile)> {
        self.1.iter().enumerate().map(|(number, unit)| {
            let unit = UnitExtId::unchecked(unit);
            let ext_id = ProfileExtId::unchecked(&format!("{}:{unit}", self.0.ext_id));
            let profile = Profile::in_unit(&self.0.path(), ext_id, &unit, number == 0);
            (unit, profile)
        })
    }
}

impl RecordKind for UserRecord {
    fn keys(&self) -> Vec<Key> {
        let units = self.profiles().map(|(unit, _)| units::key(&self.0.client, &unit));
        [self.0.path().key(), functions::clients::key(&self.0.client)].into_iter().chain(units).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("User", self.0.ext_id.as_str());
        if let Some(item) = draft.at(&self.0.path().key()) {
            let stored = Memberships::load(item)?.profiles();
            let has_all = self.profiles().all(|(_, profile)| stored.contains(&profile.ext_id));
            return Plan::unchanged_if(User::load(item)? == *self.0 && has_all, exists());
        }
        draft.require_client(&self.0.client)?;
        let mut memberships = Memberships::default();
        for (unit, profile) in self.profiles() {
            let item = draft.require_unit(&self.0.client, &unit)?;
            let units = profiles::units_of(item).map_err(ImportRefusal::from)?;
            memberships.all.insert(profile.ext_id.to_string(), membership(&units));
            memberships.default.get_or_insert_with(|| profile.ext_id.clone());
            let created = profile.create(&Holder { state: self.0.state, units }, &mut draft.transaction);
            draft.refuse_at(created, profiles::duplicate(&profile.ext_id).into());
        }
        let created = self.0.create(&memberships, &mut draft.transaction);
        draft.refuse_at(created.ext_id, exists());
        draft.refuse_at(created.login_id, users::duplicate_login_id(&self.0.login_id.0).into());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&*self.0);
        members.retain(|(name, value)| *name != "isTechnicalUser" || *value != false);
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
