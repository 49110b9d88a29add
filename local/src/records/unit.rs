//! `unit`: a unit below another one.

use functions::units::{self, Unit};
use serde::Serialize;
use shared::http::body::Fields;
use shared::ids::{ClientExtId, UnitExtId};
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, required_text};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct UnitRecord {
    client: ClientExtId,
    ext_id: UnitExtId,
    parent: UnitExtId,
    name: String,
    /// How many units stand above it, where it was read from the table.
    depth: usize,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "unit", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    ext_id: &'a str,
    parent_unit_ext_id: &'a str,
    name: &'a str,
}

impl UnitRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let client = fields.required_text("clientExtId");
        let unit = fields.required_text("extId");
        let parent = fields.required_text("parentUnitExtId");
        let name = required_text(&mut fields, "name");
        fields.finish()?;
        Ok(Self {
            client: ClientExtId::unchecked(&client),
            ext_id: ext_id(&unit, settings)?,
            parent: UnitExtId::unchecked(&parent),
            name,
            depth: 0,
        })
    }

    /// None for a default unit, which the client's line tells of.
    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Option<Self>, TableError> {
        let Unit { client, ext_id, name, parent, ancestors } = Unit::from_item(item)?;
        let depth = ancestors.len();
        let line = |parent| Self { client, ext_id, parent, name: name.unwrap_or_default(), depth };
        Ok(parent.map(line))
    }
}

impl RecordKind for UnitRecord {
    fn keys(&self) -> Vec<Key> {
        vec![units::key(&self.client, &self.ext_id), units::key(&self.client, &self.parent)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Unit", self.ext_id.as_str());
        if let Some(item) = draft.at(&units::key(&self.client, &self.ext_id)) {
            let Unit { name, parent, .. } = Unit::from_item(item)?;
            let same = (name.as_ref(), parent.as_ref()) == (Some(&self.name), Some(&self.parent));
            return Plan::unchanged_if(same, exists());
        }
        let parent = Unit::from_item(draft.require_unit(&self.client, &self.parent)?)?;
        let unit = parent.child(self.ext_id.clone(), self.name.clone());
        let created = unit.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            client_ext_id: self.client.as_str(),
            ext_id: self.ext_id.as_str(),
            parent_unit_ext_id: self.parent.as_str(),
            name: &self.name,
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.client)
    }

    /// Units stand behind those above them.
    fn order(&self) -> Vec<String> {
        vec![self.client.to_string(), format!("{:06}", self.depth), self.ext_id.to_string()]
    }
}
