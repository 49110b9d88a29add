//! `personalQuestion`: a personal question of a client.

use std::collections::BTreeMap;

use functions::personal_questions::{self, PersonalQuestion};
use serde::Serialize;
use shared::error::{ApiError, Duplicate};
use shared::http::body::Fields;
use shared::ids::ClientExtId;
use shared::policy::Settings;
use shared::table::{Item, Key, TableError};

use super::{Draft, Found, ImportRefusal, Plan, RecordKind, Stop};

pub(crate) struct PersonalQuestionRecord(PersonalQuestion);

#[derive(Serialize)]
#[serde(tag = "type", rename = "personalQuestion", rename_all = "camelCase")]
struct Form<'a> {
    client_ext_id: &'a str,
    ext_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    state_name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    display_name: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    content: &'a BTreeMap<String, String>,
}

impl PersonalQuestionRecord {
    pub(super) fn read(mut fields: Fields, settings: &Settings) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::unchecked(&fields.required_text("clientExtId"));
        let question = PersonalQuestion::read(client, fields, settings, String::new)?;
        if question.ext_id.as_str().is_empty() {
            return Err(ApiError::InvalidFields(vec!["extId".to_owned()]).into());
        }
        Ok(Self(question))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        PersonalQuestion::from_item(item).map(Self)
    }

    fn key(&self) -> Key {
        personal_questions::key(&self.0.client, &self.0.ext_id)
    }
}

impl RecordKind for PersonalQuestionRecord {
    fn keys(&self) -> Vec<Key> {
        vec![self.key(), functions::clients::key(&self.0.client)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let question = self.0.ext_id.to_string();
        let exists = ImportRefusal::from(ApiError::Duplicate(Duplicate::PersonalQuestion { question }));
        if let Some(item) = draft.at(&self.key()) {
            return Plan::unchanged_if(PersonalQuestion::from_item(item)? == self.0, exists);
        }
        draft.require_client(&self.0.client)?;
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists);
        Ok(Plan::Write)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form {
            client_ext_id: self.0.client.as_str(),
            ext_id: self.0.ext_id.as_str(),
            description: self.0.description.as_deref(),
            state_name: &self.0.state,
            display_name: &self.0.display_name,
            content: &self.0.content,
        })
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
