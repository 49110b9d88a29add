//! `fidoUafCredential`: a FIDO UAF credential of a user, and the dispatch target it points to.

use functions::dispatch_targets::{self, DispatchTargetExtId, MAX_CREDENTIALS};
use functions::fido_uaf_credentials::{self, FidoUafCredential};
use functions::users::UserPath;
use serde::Serialize;
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, optional_text, required_text, user_of_item, user_path};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct FidoUafCredentialRecord {
    user: UserPath,
    credential: FidoUafCredential,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "fidoUafCredential", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    user_ext_id: &'a str,
    ext_id: &'a str,
    aaid: &'a str,
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatch_target_ext_id: Option<&'a str>,
}

impl FidoUafCredentialRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let id = fields.required_text("extId");
        let aaid = required_text(&mut fields, "aaid");
        let key_id = required_text(&mut fields, "keyId");
        let app_id = optional_text(&mut fields, "appId");
        let target = fields.optional_name("dispatchTargetExtId");
        fields.finish()?;
        let dispatch_target = target.as_deref().map(DispatchTargetExtId::unchecked);
        let ext_id = ext_id(&id, settings)?;
        Ok(Self { user, credential: FidoUafCredential { ext_id, aaid, key_id, app_id, dispatch_target } })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, credential: FidoUafCredential::from_item(item)? })
    }

    fn key(&self) -> Key {
        fido_uaf_credentials::key(&self.user, &self.credential.ext_id)
    }
}

impl RecordKind for FidoUafCredentialRecord {
    fn keys(&self) -> Vec<Key> {
        let target = self.credential.dispatch_target.as_ref();
        let target = target.map(|target| dispatch_targets::key(&self.user, target));
        [self.key(), self.user.key()].into_iter().chain(target).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("FIDO UAF credential", self.credential.ext_id.as_str());
        if let Some(item) = draft.at(&self.key()) {
            return Plan::unchanged_if(FidoUafCredential::from_item(item)? == self.credential, exists());
        }
        draft.require_user(&self.user)?;
        let target = self.credential.dispatch_target.as_ref();
        if let Some(target) = target
            && draft.at(&dispatch_targets::key(&self.user, target)).is_none()
        {
            return Err(ImportRefusal::missing("DispatchTarget", target.as_str()).into());
        }
        let (created, counted) = self.credential.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists());
        if let Some(counted) = counted {
            let full = format!("The dispatch target has {MAX_CREDENTIALS} credentials already");
            draft.refuse_at(counted, ImportRefusal::because(full));
        }
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        let FidoUafCredential { ext_id, aaid, key_id, app_id, dispatch_target } = &self.credential;
        serde_json::to_string(&Form {
            client_ext_id: self.user.client.as_str(),
            user_ext_id: self.user.user.as_str(),
            ext_id: ext_id.as_str(),
            aaid,
            key_id,
            app_id: app_id.as_deref(),
            dispatch_target_ext_id: dispatch_target.as_ref().map(DispatchTargetExtId::as_str),
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        let (user, ext_id) = (&self.user, &self.credential.ext_id);
        vec![user.client.to_string(), user.user.to_string(), ext_id.to_string()]
    }
}
