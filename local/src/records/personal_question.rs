//! `personalQuestion`: a personal question of a client.

use functions::personal_questions::{self, PersonalQuestion};
use shared::entity::{self, Entity as _, FieldValue as _, Fields};
use shared::error::ApiError;
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct PersonalQuestionRecord(PersonalQuestion);

impl PersonalQuestionRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let client = ClientExtId::read(&mut fields, "clientExtId");
        let question = PersonalQuestion::read_new(client, fields, String::new)?;
        if question.ext_id.as_str().is_empty() {
            return Err(ApiError::InvalidFields(vec!["extId".to_owned()]).into());
        }
        Ok(Self(question))
    }

    pub(super) fn of_item(item: &Item, _: &Found) -> Result<Self, TableError> {
        PersonalQuestion::load(item).map(Self)
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
        let exists = ImportRefusal::from(personal_questions::duplicate(&self.0.ext_id));
        if let Some(item) = draft.at(&self.key()) {
            let present = PersonalQuestion::load(item)?;
            if present == self.0 {
                return Ok(Plan::Unchanged);
            }
            draft.require_replacing(exists)?;
            entity::require_changeable(&present, &self.0)?;
            draft.transaction.update_item(item, (&present, &self.0), |update| update)?;
            return Ok(Plan::Replace);
        }
        draft.require_client(&self.0.client)?;
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists);
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        all_members(&self.0)
    }

    fn client(&self) -> Option<&ClientExtId> {
        Some(&self.0.client)
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.client.to_string(), self.0.ext_id.to_string()]
    }
}
