//! Personal questions: what a client asks its users to tell them from others.

pub mod create;
pub mod get;

use std::collections::BTreeMap;

use shared::entity::naming::Naming;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::body::{Fields, MAX_REMARK};
use shared::ids::{ClientExtId, ExtId};
use shared::policy::Settings;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

/// The kind of a personal question's item.
pub const ENTITY_TYPE: &str = "PersonalQuestion";
/// The states that a personal question can be in.
pub const STATES: [&str; 3] = ["active", "disabled", "revoked"];

/// Marks the identifiers of personal questions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalQuestionKind {}

/// What a personal question is named by, unique within the client.
pub type PersonalQuestionExtId = ExtId<PersonalQuestionKind>;

/// A personal question, as the request for its creation describes it: see
/// [`PersonalQuestion::read`].
const NEW_PERSONAL_QUESTION: ObjectSchema = ObjectSchema {
    name: "NewPersonalQuestion",
    description: "A personal question that is to be created.",
    fields: &[
        Field::optional(
            "extId",
            FieldKind::ExtId(&[]),
            "What it is named by; generated where it is left out.",
        ),
        Field::optional("description", FieldKind::TextUpTo(MAX_REMARK), "What it is about."),
        Field::required("stateName", FieldKind::Enum(&STATES), "Its state."),
        Field::optional("displayName", FieldKind::LocalizedText, "What it is called, by language."),
        Field::optional("content", FieldKind::LocalizedText, "The question itself, by language."),
    ],
};

/// A personal question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalQuestion {
    /// The client that asks it.
    pub client: ClientExtId,
    /// What it is named by.
    pub ext_id: PersonalQuestionExtId,
    /// What it is about.
    pub description: Option<String>,
    /// One of [`STATES`].
    pub state: String,
    /// What it is called, by language.
    pub display_name: BTreeMap<String, String>,
    /// The question itself, by language.
    pub content: BTreeMap<String, String>,
}

/// The key of a personal question.
#[must_use]
pub fn key(client: &ClientExtId, question: &PersonalQuestionExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["PERSONAL_QUESTION", &question.key_part()])
}

impl PersonalQuestion {
    /// Reads a personal question from the fields of a request: `extId?`, `description?`,
    /// `stateName`, `displayName?`, `content?`. `new_id` names it where the caller does not.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`], then [`ApiError::InvalidPersonalQuestionState`], then
    /// [`ApiError::NamingPolicy`].
    pub fn read(
        client: ClientExtId,
        mut fields: Fields,
        settings: &Settings,
        new_id: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        let ext_id = fields.optional_name("extId");
        let description = fields.optional_text("description", MAX_REMARK);
        let state = fields.required_text("stateName");
        let display_name = fields.texts("displayName", &settings.languages);
        let content = fields.texts("content", &settings.languages);
        fields.finish()?;
        if !STATES.contains(&state.as_str()) {
            return Err(ApiError::InvalidPersonalQuestionState(state));
        }
        let mut naming = Naming::new(&settings.naming_policy);
        let ext_id = naming.ext_id_or(ext_id.as_deref(), new_id);
        naming.finish()?;
        Ok(Self { client, ext_id, description, state, display_name, content })
    }

    /// Reads a personal question from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            client: ClientExtId::unchecked(item.text("clientExtId")?),
            ext_id: PersonalQuestionExtId::unchecked(item.text("extId")?),
            description: item.optional_text("description")?.map(str::to_owned),
            state: item.text("stateName")?.to_owned(),
            display_name: item.texts("displayName")?,
            content: item.texts("content")?,
        })
    }

    /// Adds the personal question to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let item = NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)
            .with_text("clientExtId", self.client.as_str())
            .with_text("extId", self.ext_id.as_str())
            .with_optional_text("description", self.description.as_deref())
            .with_text("stateName", &self.state)
            .with_texts("displayName", &self.display_name)
            .with_texts("content", &self.content);
        transaction.create(item)
    }
}
