//! `user`: a user with their units.

use functions::units::{self, Place};
use functions::users::{self, User, UserUnits};
use shared::entity::{Entity as _, FieldValue as _, Fields};
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The maximum number of units of a user. Each is checked in the transaction that creates the user, which is
/// limited to 100 actions.
const MAX_UNITS: usize = 90;
/// The field that exists only in the table.
const UNITS_WITH_ANCESTORS: &str = "unitsWithAncestors";

/// A user with their units. The ancestors of the units come from the table. Boxed, because the other kinds of
/// records are smaller.
pub(crate) struct UserRecord(Box<User>, UserUnits);

impl UserRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let ext_id = fields.required_ext_id("extId");
        if fields.has(UNITS_WITH_ANCESTORS) {
            fields.refuse(UNITS_WITH_ANCESTORS);
        }
        let units = UserUnits::read(&mut fields, ());
        if units.units.len() > MAX_UNITS {
            fields.refuse("units");
        }
        let user = User::read(&mut fields, (client, ext_id));
        fields.finish()?;
        Ok(Self(Box::new(user.with_login_id()?), units))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self(Box::new(User::load(item)?), UserUnits::load(item)?))
    }

    fn units(&self) -> impl Iterator<Item = UnitExtId> {
        self.1.units.iter().map(|unit| UnitExtId::unchecked(unit))
    }
}

impl RecordKind for UserRecord {
    fn keys(&self) -> Vec<Key> {
        let units = self.units().map(|unit| units::key(&self.0.client, &unit));
        [self.0.path().key(), functions::clients::key(&self.0.client)].into_iter().chain(units).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("User", self.0.ext_id.as_str());
        if let Some(item) = draft.at(&self.0.path().key()) {
            let same = User::load(item)? == *self.0 && UserUnits::load(item)?.units == self.1.units;
            return Plan::unchanged_if(same, exists());
        }
        draft.require_client(&self.0.client)?;
        let mut units = self.1.clone();
        for unit in self.units() {
            let place = Place::load(draft.require_unit(&self.0.client, &unit)?)?;
            units.with_ancestors.extend(place.with(&unit));
        }
        let created = self.0.create(&units, &mut draft.transaction);
        draft.refuse_at(created.ext_id, exists());
        draft.refuse_at(created.login_id, users::duplicate_login_id(&self.0.login_id.0).into());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = [all_members(&*self.0), all_members(&self.1)].concat();
        members.retain(|(name, value)| {
            let is_default = *name == "isTechnicalUser" && *value == false;
            *name != UNITS_WITH_ANCESTORS && !is_default
        });
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
