//! `client`: a client, with what is made together with it.

use std::collections::BTreeMap;

use functions::clients::{self, Client, Defaults};
use serde::Serialize;
use shared::error::{ApiError, Duplicate};
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::ext_id;
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

/// The default unit, where the line names none.
const DEFAULT_UNIT: &str = "root";
/// The default profile policy, where the line names none.
const DEFAULT_PROFILE_POLICY: &str = "default";

pub(crate) struct ClientRecord(Client);

#[derive(Serialize)]
#[serde(tag = "type", rename = "client", rename_all = "camelCase")]
struct Form<'a> {
    ext_id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    display_name: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_unit_ext_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_profile_policy_ext_id: Option<&'a str>,
}

impl ClientRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let unit = fields.optional_name("defaultUnitExtId");
        let policy = fields.optional_name("defaultProfilePolicyExtId");
        let defaults = Defaults {
            unit: ext_id(unit.as_deref().unwrap_or(DEFAULT_UNIT), settings)?,
            profile_policy: ext_id::<()>(policy.as_deref().unwrap_or(DEFAULT_PROFILE_POLICY), settings)?
                .to_string(),
        };
        let client = Client::read(fields, settings, String::new, defaults)?;
        if client.ext_id.as_str().is_empty() {
            return Err(ApiError::InvalidFields(vec!["extId".to_owned()]).into());
        }
        Ok(Self(client))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Client::from_item(item).map(Self)
    }
}

impl RecordKind for ClientRecord {
    fn keys(&self) -> Vec<Key> {
        vec![clients::key(&self.0.ext_id), clients::name_key(&self.0.name)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let taken = || ImportRefusal::from(ApiError::Duplicate(Duplicate::Client));
        if let Some(item) = draft.at(&clients::key(&self.0.ext_id)) {
            return Plan::unchanged_if(Client::from_item(item)? == self.0, taken());
        }
        if draft.at(&clients::name_key(&self.0.name)).is_some() {
            return Err(taken().into());
        }
        let created = self.0.create(&draft.settings.default_application, &mut draft.transaction);
        draft.refuse_at(created.ext_id, taken());
        draft.refuse_at(created.name, taken());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        let Client { ext_id, name, display_name, remarks, defaults } = &self.0;
        let unit = defaults.unit.as_str();
        let policy = defaults.profile_policy.as_str();
        serde_json::to_string(&Form {
            ext_id: ext_id.as_str(),
            name,
            display_name,
            remarks: remarks.as_deref(),
            default_unit_ext_id: Some(unit).filter(|unit| *unit != DEFAULT_UNIT),
            default_profile_policy_ext_id: Some(policy).filter(|policy| *policy != DEFAULT_PROFILE_POLICY),
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.ext_id)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.ext_id.to_string()]
    }
}
