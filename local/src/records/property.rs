//! `property`: the definition of a property, of a client or of all clients.

use std::collections::BTreeSet;

use functions::properties::{self, Definition, MAX_VALUE, MOBILE_SIGNATURE_SCOPE, PropertyAccess, ValueType};
use serde::Serialize;
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::pattern::whole_match;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::fields::{ext_id, optional_number, optional_text, optional_texts};
use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

/// The uniqueness of values over all clients.
const ABSOLUTE: &str = "ABSOLUTE";

pub(crate) struct PropertyRecord(Definition);

#[derive(Serialize)]
#[serde(tag = "type", rename = "property", rename_all = "camelCase")]
struct Form<'a> {
    scope: &'a str,
    client_ext_id: Option<&'a str>,
    name: &'a str,
    value_type: &'a str,
    string_max_len: Option<u64>,
    string_regex: Option<&'a str>,
    uniqueness: Option<&'a str>,
    access_modify: &'a str,
    allowed_values: Option<&'a BTreeSet<String>>,
}

impl PropertyRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let scope = fields.required_text("scope");
        let client = fields.optional_name("clientExtId");
        let name = fields.required_text("name");
        let value_type = ValueType::parse(&fields.required_text("valueType"));
        let max_length = optional_number(&mut fields, "stringMaxLen");
        let pattern = optional_text(&mut fields, "stringRegex");
        let uniqueness = optional_text(&mut fields, "uniqueness");
        let access = PropertyAccess::parse(&fields.required_text("accessModify"));
        let allowed_values = optional_texts(&mut fields, "allowedValues");
        let is_enum = value_type == Some(ValueType::Enum);
        for (name, is_valid) in [
            ("scope", scope == MOBILE_SIGNATURE_SCOPE),
            ("valueType", value_type.is_some()),
            ("stringMaxLen", max_length.is_none_or(|length| (1..=MAX_VALUE).contains(&length))),
            ("stringRegex", pattern.as_deref().is_none_or(|pattern| whole_match(pattern).is_ok())),
            ("uniqueness", uniqueness.as_deref().is_none_or(|uniqueness| uniqueness == ABSOLUTE)),
            ("accessModify", access.is_some()),
            ("allowedValues", allowed_values.as_ref().is_some_and(|values| !values.is_empty()) == is_enum),
        ] {
            if !is_valid {
                fields.refuse(name);
            }
        }
        fields.finish()?;
        Ok(Self(Definition {
            scope,
            client: client.as_deref().map(ClientExtId::unchecked),
            name: ext_id(&name, settings)?,
            value_type: value_type.unwrap_or(ValueType::String),
            max_length,
            pattern,
            unique: uniqueness.is_some(),
            access: access.unwrap_or(PropertyAccess::Off),
            allowed_values,
        }))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        Definition::from_item(item).map(Self)
    }

    fn key(&self) -> Key {
        properties::key(&self.0.scope, self.0.client.as_ref(), &self.0.name)
    }
}

impl RecordKind for PropertyRecord {
    fn keys(&self) -> Vec<Key> {
        let client = self.0.client.as_ref().map(functions::clients::key);
        [self.key()].into_iter().chain(client).collect()
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists =
            || ImportRefusal::because(format!("Property already exists with name '{}'", self.0.name));
        if let Some(item) = draft.at(&self.key()) {
            return Plan::unchanged_if(Definition::from_item(item)? == self.0, exists());
        }
        if let Some(client) = &self.0.client {
            draft.require_client(client)?;
        }
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            scope: &self.0.scope,
            client_ext_id: self.client().map(ClientExtId::as_str),
            name: self.0.name.as_str(),
            value_type: self.0.value_type.as_str(),
            string_max_len: self.0.max_length,
            string_regex: self.0.pattern.as_deref(),
            uniqueness: self.0.unique.then_some(ABSOLUTE),
            access_modify: self.0.access.as_str(),
            allowed_values: self.0.allowed_values.as_ref(),
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        self.0.client.as_ref()
    }

    fn order(&self) -> Vec<String> {
        let client = self.client().map(ToString::to_string).unwrap_or_default();
        vec![self.0.scope.clone(), client, self.0.name.to_string()]
    }
}
