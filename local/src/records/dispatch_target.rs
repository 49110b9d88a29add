//! `dispatchTarget`: a dispatch target of a user, with its app attestation.

use functions::dispatch_targets::{self, AppAttestation, DispatchTarget, app_attestation_key};
use functions::users::UserPath;
use serde::Serialize;
use serde_json::Value;
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, optional_number, optional_text, required_text, user_of_item, user_path};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct DispatchTargetRecord {
    user: UserPath,
    target: DispatchTarget,
    attestation: Option<AppAttestation>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "dispatchTarget", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    user_ext_id: &'a str,
    ext_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_attestation: Option<AttestationForm<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttestationForm<'a> {
    device_id: &'a str,
    receipt: &'a str,
    public_key: &'a str,
    counter: u64,
}

impl DispatchTargetRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let id = fields.required_text("extId");
        let [device_id, target, signing_key, app_id, name] =
            ["deviceId", "target", "signingKey", "appId", "name"]
                .map(|name| optional_text(&mut fields, name));
        let attestation = match fields.take("appAttestation") {
            None => None,
            Some(Value::Object(members)) => Some(attestation_of(Fields::new(members))?),
            Some(_) => {
                fields.refuse("appAttestation");
                None
            }
        };
        fields.finish()?;
        let ext_id = ext_id(&id, settings)?;
        let target = DispatchTarget { ext_id, device_id, target, signing_key, app_id, name };
        Ok(Self { user, target, attestation })
    }

    pub(super) fn of_item(item: &Item, items: &Found) -> Result<Self, TableError> {
        let user = user_of_item(item)?;
        let target = DispatchTarget::from_item(item)?;
        let attestation = items.at(&app_attestation_key(&user, &target.ext_id));
        Ok(Self { attestation: attestation.map(AppAttestation::from_item).transpose()?, user, target })
    }

    fn key(&self) -> Key {
        dispatch_targets::key(&self.user, &self.target.ext_id)
    }

    fn attestation_key(&self) -> Key {
        app_attestation_key(&self.user, &self.target.ext_id)
    }
}

fn attestation_of(mut fields: Fields) -> Result<AppAttestation, ImportRefusal> {
    let device_id = required_text(&mut fields, "deviceId");
    let receipt = fields.required_text("receipt");
    let public_key = required_text(&mut fields, "publicKey");
    let counter = optional_number(&mut fields, "counter").unwrap_or_default();
    fields.finish()?;
    Ok(AppAttestation { device_id, receipt, public_key, counter })
}

impl RecordKind for DispatchTargetRecord {
    fn keys(&self) -> Vec<Key> {
        let id = dispatch_targets::id_key(&self.user.client, &self.target.ext_id);
        vec![self.key(), self.attestation_key(), id, self.user.key()]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("DispatchTarget", self.target.ext_id.as_str());
        if let Some(item) = draft.at(&self.key()) {
            let attestation = draft.at(&self.attestation_key()).map(AppAttestation::from_item).transpose()?;
            let same = DispatchTarget::from_item(item)? == self.target && attestation == self.attestation;
            return Plan::unchanged_if(same, exists());
        }
        if draft.at(&dispatch_targets::id_key(&self.user.client, &self.target.ext_id)).is_some() {
            return Err(exists().into());
        }
        draft.require_user(&self.user)?;
        let attestation = self.attestation.as_ref();
        let (created, id_taken) = self.target.create(&self.user, attestation, &mut draft.transaction);
        draft.refuse_at(created, exists());
        draft.refuse_at(id_taken, exists());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        let attestation = self.attestation.as_ref().map(|attestation| AttestationForm {
            device_id: &attestation.device_id,
            receipt: &attestation.receipt,
            public_key: &attestation.public_key,
            counter: attestation.counter,
        });
        serde_json::to_string(&Form {
            client_ext_id: self.user.client.as_str(),
            user_ext_id: self.user.user.as_str(),
            ext_id: self.target.ext_id.as_str(),
            device_id: self.target.device_id.as_deref(),
            target: self.target.target.as_deref(),
            signing_key: self.target.signing_key.as_deref(),
            app_id: self.target.app_id.as_deref(),
            name: self.target.name.as_deref(),
            app_attestation: attestation,
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string(), self.target.ext_id.to_string()]
    }
}
