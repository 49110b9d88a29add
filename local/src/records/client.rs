//! `client`: a client with its default entities.

use functions::clients::{self, Client, Defaults};
use functions::policies::PolicyExtId;
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::ids::{ClientExtId, UnitExtId};
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The extId of the default unit if omitted.
const DEFAULT_UNIT: &str = "root";
/// The extId of the default profile policy if omitted.
const DEFAULT_PROFILE_POLICY: &str = "default";

pub(crate) struct ClientRecord {
    client: Client,
    defaults: Defaults,
}

impl ClientRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let defaults = Defaults {
            unit: fields.ext_id_or("defaultUnitExtId", || DEFAULT_UNIT.to_owned()),
            profile_policy: fields
                .ext_id_or("defaultProfilePolicyExtId", || DEFAULT_PROFILE_POLICY.to_owned()),
        };
        let client = Client::read_new(fields, String::new)?;
        if client.ext_id.as_str().is_empty() {
            return Err(ApiError::InvalidFields(vec!["extId".to_owned()]).into());
        }
        Ok(Self { client, defaults })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { client: Client::load(item)?, defaults: Defaults::load(item)? })
    }
}

impl RecordKind for ClientRecord {
    fn keys(&self) -> Vec<Key> {
        vec![clients::key(&self.client.ext_id), clients::name_key(&self.client.name)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::from(clients::duplicate());
        if let Some(item) = draft.at(&clients::key(&self.client.ext_id)) {
            let same = Client::load(item)? == self.client && Defaults::load(item)? == self.defaults;
            return Plan::unchanged_if(same, exists());
        }
        if draft.at(&clients::name_key(&self.client.name)).is_some() {
            return Err(exists().into());
        }
        let application = &draft.settings.default_application;
        let created = self.client.create(&self.defaults, application, &mut draft.transaction);
        draft.refuse_at(created.ext_id, exists());
        draft.refuse_at(created.name, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        let mut members = all_members(&self.client);
        let is_default = self.defaults.unit == UnitExtId::unchecked(DEFAULT_UNIT);
        let has_default_policy =
            self.defaults.profile_policy == PolicyExtId::unchecked(DEFAULT_PROFILE_POLICY);
        members.extend(self.defaults.members().into_iter().filter(|(name, _)| match *name {
            "defaultUnitExtId" => !is_default,
            _ => !has_default_policy,
        }));
        members
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.client.ext_id)
    }

    fn order(&self) -> Vec<String> {
        vec![self.client.ext_id.to_string()]
    }
}
