//! `mobileSignature`: the mobile signature of a user, with its properties.

use std::collections::BTreeMap;

use functions::mobile_signature::{self, MobileSignature};
use functions::properties::{self, Definition, MOBILE_SIGNATURE_SCOPE, PropertyName};
use functions::users::UserPath;
use serde::Serialize;
use serde_json::Value;
use shared::error::{ApiError, PropertyFailure};
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, optional_text, required_text, user_of_item, user_path};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

/// The most properties with unique values: all are taken in the transaction that makes the mobile
/// signature, which has room for 100 actions.
const MAX_UNIQUE: usize = 90;

/// Which values are unique is known from the table only.
pub(crate) struct MobileSignatureRecord {
    user: UserPath,
    signature: MobileSignature,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "mobileSignature", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    user_ext_id: &'a str,
    ext_id: &'a str,
    state_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identificator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mssp_identifier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msisdn: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: &'a BTreeMap<String, String>,
}

impl MobileSignatureRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let user = user_path(&mut fields);
        let id = fields.required_text("extId");
        let state = required_text(&mut fields, "stateName");
        let identificator = optional_text(&mut fields, "identificator");
        let mssp_identifier = optional_text(&mut fields, "msspIdentifier");
        let msisdn = optional_text(&mut fields, "msisdn");
        let properties = properties_of(&mut fields);
        fields.finish()?;
        let signature = MobileSignature {
            ext_id: ext_id::<()>(&id, settings)?.to_string(),
            state,
            identificator,
            mssp_identifier,
            msisdn,
            properties,
            unique_properties: [].into(),
        };
        Ok(Self { user, signature })
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Ok(Self { user: user_of_item(item)?, signature: MobileSignature::from_item(item)? })
    }

    /// The keys of the definitions of a property: of all clients, and of the client.
    fn definition_keys(&self, name: &str) -> [Key; 2] {
        let name = PropertyName::unchecked(name);
        let key = |client| properties::key(MOBILE_SIGNATURE_SCOPE, client, &name);
        [key(None), key(Some(&self.user.client))]
    }

    /// The mobile signature as it is written: which of its values are unique is filled in. A value
    /// that callers cannot change, or not see, can be imported.
    fn checked(&self, draft: &Draft<'_>) -> Result<MobileSignature, Stop> {
        let mut signature = self.signature.clone();
        let mut failures = Vec::new();
        for (name, value) in &self.signature.properties {
            let [of_all, of_client] = self.definition_keys(name);
            let Some(item) = draft.at(&of_client).or_else(|| draft.at(&of_all)) else {
                failures.push(PropertyFailure::Unknown { name: name.clone() });
                continue;
            };
            let definition = Definition::from_item(item)?.writable();
            failures.extend(definition.check(Some(value)).err());
            if definition.unique {
                signature.unique_properties.insert(name.clone());
            }
        }
        if !failures.is_empty() {
            return Err(ImportRefusal::from(ApiError::Properties(failures)).into());
        }
        if signature.unique_properties.len() > MAX_UNIQUE {
            return Err(
                ImportRefusal::because(format!("More than {MAX_UNIQUE} properties are unique")).into()
            );
        }
        Ok(signature)
    }
}

/// A map of property name to text that may be left out.
fn properties_of(fields: &mut Fields) -> BTreeMap<String, String> {
    let mut properties = BTreeMap::new();
    match fields.take("properties") {
        None => {}
        Some(Value::Object(members)) => {
            for (name, value) in members {
                match value {
                    Value::String(value) if !value.is_empty() => drop(properties.insert(name, value)),
                    _ => fields.refuse(&format!("properties.{name}")),
                }
            }
        }
        Some(_) => fields.refuse("properties"),
    }
    properties
}

impl RecordKind for MobileSignatureRecord {
    fn keys(&self) -> Vec<Key> {
        let definitions = self.signature.properties.keys().flat_map(|name| self.definition_keys(name));
        [mobile_signature::key(&self.user), self.user.key()].into_iter().chain(definitions).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("Mobile Signature credential", &self.signature.ext_id);
        if let Some(item) = draft.at(&mobile_signature::key(&self.user)) {
            let unique_properties = self.signature.unique_properties.clone();
            let same = MobileSignature { unique_properties, ..MobileSignature::from_item(item)? };
            return Plan::unchanged_if(same == self.signature, exists());
        }
        draft.require_user(&self.user)?;
        let signature = self.checked(draft)?;
        let (created, taken) = signature.create(&self.user, &mut draft.transaction);
        draft.refuse_at(created, exists());
        for taken in taken {
            draft.refuse_at(taken.place, ApiError::Properties(vec![taken.failure()]).into());
        }
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            client_ext_id: self.user.client.as_str(),
            user_ext_id: self.user.user.as_str(),
            ext_id: &self.signature.ext_id,
            state_name: &self.signature.state,
            identificator: self.signature.identificator.as_deref(),
            mssp_identifier: self.signature.mssp_identifier.as_deref(),
            msisdn: self.signature.msisdn.as_deref(),
            properties: &self.signature.properties,
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.user.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.user.client.to_string(), self.user.user.to_string()]
    }
}
