//! `user`: a user, with the units that they are in.

use std::collections::BTreeSet;

use functions::units::{self, Unit};
use functions::users::User;
use serde::Serialize;
use shared::http::body::Fields;
use shared::ids::{ClientExtId, UnitExtId};
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, optional_texts, required_text};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

/// The states that a user can be in.
const STATES: [&str; 3] = ["active", "disabled", "archived"];
/// The most units of one user: each is checked in the transaction that makes the user, which has
/// room for 100 actions.
const MAX_UNITS: usize = 90;

/// What is known of the user's units is known from the table only.
pub(crate) struct UserRecord(User);

#[derive(Serialize)]
#[serde(tag = "type", rename = "user", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    ext_id: &'a str,
    login_id: &'a str,
    user_state: &'a str,
    units: Vec<&'a str>,
}

impl UserRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let client = fields.required_text("clientExtId");
        let user = fields.required_text("extId");
        let login_id = required_text(&mut fields, "loginId");
        let state = fields.required_text("userState");
        let units = optional_texts(&mut fields, "units").unwrap_or_default();
        if !STATES.contains(&state.as_str()) {
            fields.refuse("userState");
        }
        if units.len() > MAX_UNITS {
            fields.refuse("units");
        }
        fields.finish()?;
        Ok(Self(User {
            client: ClientExtId::unchecked(&client),
            ext_id: ext_id(&user, settings)?,
            login_id,
            state,
            units: units.iter().map(|unit| UnitExtId::unchecked(unit)).collect(),
            units_with_ancestors: BTreeSet::new(),
        }))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        User::from_item(item).map(Self)
    }
}

impl RecordKind for UserRecord {
    fn keys(&self) -> Vec<Key> {
        let units = self.0.units.iter().map(|unit| units::key(&self.0.client, unit));
        [self.0.path().key(), functions::clients::key(&self.0.client)].into_iter().chain(units).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("User", self.0.ext_id.as_str());
        if let Some(item) = draft.at(&self.0.path().key()) {
            let units_with_ancestors = BTreeSet::new();
            let same = User { units_with_ancestors, ..User::from_item(item)? } == self.0;
            return Plan::unchanged_if(same, exists());
        }
        draft.require_client(&self.0.client)?;
        let mut user = self.0.clone();
        for unit in &self.0.units {
            let unit = Unit::from_item(draft.require_unit(&self.0.client, unit)?)?;
            user.units_with_ancestors.extend(unit.with_ancestors());
        }
        let created = user.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            client_ext_id: self.0.client.as_str(),
            ext_id: self.0.ext_id.as_str(),
            login_id: &self.0.login_id,
            user_state: &self.0.state,
            units: self.0.units.iter().map(UnitExtId::as_str).collect(),
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
