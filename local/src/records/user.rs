//! `user`: a user with their units.

use std::collections::BTreeSet;

use functions::units::{self, Unit};
use functions::users::{User, is_login_id};
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

/// A user. The ancestors of the units come from the table.
pub(crate) struct UserRecord(User);

impl UserRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let ext_id = fields.required_ext_id("extId");
        if fields.has(UNITS_WITH_ANCESTORS) {
            fields.refuse(UNITS_WITH_ANCESTORS);
        }
        let user = User::read(&mut fields, (client, ext_id));
        if !is_login_id(&user.login_id) {
            fields.refuse("loginId");
        }
        if user.units.len() > MAX_UNITS {
            fields.refuse("units");
        }
        fields.finish()?;
        Ok(Self(user))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        User::load(item).map(Self)
    }

    fn units(&self) -> impl Iterator<Item = UnitExtId> {
        self.0.units.iter().map(|unit| UnitExtId::unchecked(unit))
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
            let units_with_ancestors = BTreeSet::new();
            let same = User { units_with_ancestors, ..User::load(item)? } == self.0;
            return Plan::unchanged_if(same, exists());
        }
        draft.require_client(&self.0.client)?;
        let mut user = self.0.clone();
        for unit in self.units() {
            let unit = Unit::load(draft.require_unit(&self.0.client, &unit)?)?;
            user.units_with_ancestors.extend(unit.with_ancestors());
        }
        let created = user.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&self.0);
        members.retain(|(name, _)| *name != UNITS_WITH_ANCESTORS);
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
