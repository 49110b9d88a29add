//! `GET /{clientExtId}/personal-questions/{personalQuestionExtId}`: a personal question.

use serde_json::json;
use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::{ApiError, Missing};
use shared::http::body::MAX_REMARK;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, ResourceScope};

use super::{PersonalQuestion, PersonalQuestionExtId, STATES, key};
use crate::clients;
use crate::history::{CREATED, LAST_MODIFIED, VERSION};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-personal-question",
    method: Method::GET,
    path: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::PersonalQuestionView, Right::CredentialView]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a personal question",
        details: "A personal question of a client.",
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Object(&PERSONAL_QUESTION),
            example: r#"{
                "extId": "q-1",
                "stateName": "active",
                "displayName": {},
                "content": {"EN": "What was the name of your first school?"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![ApiError::NotFound(Missing::PersonalQuestion { question: "q-1".to_owned() })],
        links: &[],
    },
};

const PERSONAL_QUESTION: ObjectSchema = ObjectSchema {
    name: "PersonalQuestion",
    description: "A question that users of a client are asked to tell them from others.",
    fields: &[
        Field::required("extId", FieldKind::Text, "What it is named by."),
        Field::optional("description", FieldKind::TextUpTo(MAX_REMARK), "What it is about."),
        Field::required("stateName", FieldKind::Enum(&STATES), "Its state."),
        Field::required("displayName", FieldKind::LocalizedText, "What it is called, by language."),
        Field::required("content", FieldKind::LocalizedText, "The question itself, by language."),
        CREATED,
        LAST_MODIFIED,
        VERSION,
    ],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let question = PersonalQuestionExtId::unchecked(request.parameter("personalQuestionExtId"));
    let [client_item, item] = access.get([&clients::key(&client), &key(&client, &question)]).await?;
    if client_item.is_none() {
        return Err(clients::missing(&client));
    }
    let item =
        item.ok_or_else(|| ApiError::NotFound(Missing::PersonalQuestion { question: question.to_string() }))?;
    let question = PersonalQuestion::from_item(&item)?;
    let mut body = json!({
        "extId": question.ext_id.as_str(),
        "stateName": question.state,
        "displayName": question.display_name,
        "content": question.content,
    });
    if let Some(description) = question.description {
        body["description"] = description.into();
    }
    Ok(Response::ok(item.with_history(body)?))
}
