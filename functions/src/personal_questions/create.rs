//! `POST /{clientExtId}/personal-questions`: creates a personal question.

use shared::auth::Needs;
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{NEW_PERSONAL_QUESTION, PersonalQuestion, PersonalQuestionExtId, duplicate};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-personal-question",
    method: Method::POST,
    path: "/{clientExtId}/personal-questions",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView, Right::PersonalQuestionCreate]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a personal question",
        details: "Creates a personal question of a client. Its external identifier must be unique within \
                  the client, and is generated if omitted.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_PERSONAL_QUESTION),
            example: r#"{
                "stateName": "active",
                "content": {"EN": "What was the name of your first pet?"}
            }"#,
        }),
        success: Success::Created(None),
        failures: || {
            vec![
                ApiError::InvalidName { kind: "PersonalQuestionState", value: "invalid_state".to_owned() },
                duplicate(&PersonalQuestionExtId::unchecked("q-1")),
            ]
        },
        links: &[Link {
            operation: "get-personal-question",
            parameters: &[("clientExtId", Source::Path), ("personalQuestionExtId", Source::CreatedId)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?, access.settings());
    let question = PersonalQuestion::read_new(request.client(), fields, || access.new_id())?;

    let mut changes = access.create()?;
    question.create(&mut changes);
    let id = question.ext_id.as_str();
    let location = request.location(&[question.client.as_str(), "personal-questions", id]);
    let created = Response::created(location, id, None);
    match access.commit(changes, created).await? {
        Commit::Done(response) => Ok(response),
        Commit::Failed(_) => Err(duplicate(&question.ext_id)),
    }
}
