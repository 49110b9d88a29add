//! Personal questions: questions that a client asks to identify its users.

pub mod create;
pub mod get;
pub mod list;
pub mod update;

use shared::entity::schema::{EXT_ID, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{Entity, Fields, LocalizedText, Remark};
use shared::error::ApiError;
use shared::ids::{ClientExtId, ExtId};
use shared::table::{ActionIndex, Key, NewItem, Transaction};

/// The entity type of a personal question's item.
pub const ENTITY_TYPE: &str = "PersonalQuestion";

/// Marks the identifiers of personal questions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalQuestionKind {}

/// The external identifier of a personal question, unique within the client.
pub type PersonalQuestionExtId = ExtId<PersonalQuestionKind>;

shared::names! {
    /// The state of a personal question.
    pub enum PersonalQuestionState {
        /// Users can choose the question.
        Active = "active",
        /// Users cannot choose the question at present.
        Disabled = "disabled",
        /// Users can never choose the question again.
        Revoked = "revoked",
    }
}

shared::entity! {
    /// A personal question.
    pub struct PersonalQuestion [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: PersonalQuestionExtId = "extId", "External identifier."
    ] {
        description: Option<Remark> = "description", "Description.", disclosed;
        state: PersonalQuestionState = "stateName", "State.", disclosed;
        display_name: LocalizedText = "displayName", "Display name, by language.", disclosed;
        content: LocalizedText = "content", "Text of the question, by language.", disclosed;
    }
}

/// The request body to create a personal question.
const NEW_PERSONAL_QUESTION: ObjectSchema = ObjectSchema {
    name: "NewPersonalQuestion",
    description: "A personal question to create.",
    parts: &[&[NEW_EXT_ID], PersonalQuestion::BODY],
};

/// A personal question in a response.
const PERSONAL_QUESTION: ObjectSchema = ObjectSchema {
    name: "PersonalQuestion",
    description: "A question that a client asks to identify its users.",
    parts: &[&[EXT_ID], PersonalQuestion::SHOWN, HISTORY],
};

/// Returns the key of a personal question.
#[must_use]
pub fn key(client: &ClientExtId, question: &PersonalQuestionExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["PERSONAL_QUESTION", &question.key_part()])
}

/// Returns the error for a personal question that does not exist.
#[must_use]
pub fn missing(question: &PersonalQuestionExtId) -> ApiError {
    ApiError::NotFound(format!("PersonalQuestion doesn't exist with extId '{question}'"))
}

/// Returns the error for a personal question that already exists.
#[must_use]
pub fn duplicate(question: &PersonalQuestionExtId) -> ApiError {
    ApiError::Duplicate(format!("PersonalQuestion already exists with extId '{question}'"))
}

impl PersonalQuestion {
    /// Reads a new personal question of a client from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(
        client: ClientExtId,
        mut fields: Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let question = Self::read(&mut fields, (client, ext_id));
        fields.finish()?;
        Ok(question)
    }

    /// Adds the personal question to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)))
    }
}
