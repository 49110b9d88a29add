//! `client`: a client with its default entities.

use std::iter::zip;

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

/// The members with the default entities.
const DEFAULTS: [&str; 2] = ["defaultUnitExtId", "defaultProfilePolicyExtId"];

pub(crate) struct ClientRecord {
    client: Client,
    defaults: Defaults,
    /// The members of `defaults` that the line has.
    given: Vec<&'static str>,
}

impl ClientRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let given = DEFAULTS.into_iter().filter(|name| fields.is_given(name)).collect();
        let defaults = Defaults {
            unit: fields.ext_id_or(DEFAULTS[0], || DEFAULT_UNIT.to_owned()),
            profile_policy: fields.ext_id_or(DEFAULTS[1], || DEFAULT_PROFILE_POLICY.to_owned()),
        };
        let client = Client::read_new(fields, String::new)?;
        if client.ext_id.as_str().is_empty() {
            return Err(ApiError::InvalidFields(vec!["extId".to_owned()]).into());
        }
        Ok(Self { client, defaults, given })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { client: Client::load(item)?, defaults: Defaults::load(item)?, given: DEFAULTS.into() })
    }

    /// Plans the replacement of the client of an item. Default entities that the line omits remain.
    fn replace(&self, item: &Item, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let differing = zip(self.defaults.members(), Defaults::load(item)?.members());
        let differing = differing.filter(|(own, present)| self.given.contains(&own.0) && own != present);
        let invalid: Vec<String> = differing.map(|(own, _)| own.0.to_owned()).collect();
        if !invalid.is_empty() {
            return Err(ApiError::InvalidFields(invalid).into());
        }
        let present = Client::load(item)?;
        if present == self.client {
            return Ok(Plan::Unchanged);
        }
        let changed = self.client.change((&present, item), &mut draft.transaction)?;
        Ok(draft.replace(changed))
    }
}

impl RecordKind for ClientRecord {
    fn keys(&self) -> Vec<Key> {
        vec![clients::key(&self.client.ext_id), clients::name_key(&self.client.name)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::from(clients::duplicate());
        if let Some(item) = draft.at(&clients::key(&self.client.ext_id)) {
            if Client::load(item)? == self.client && Defaults::load(item)? == self.defaults {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists())?;
            return self.replace(item, draft);
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
