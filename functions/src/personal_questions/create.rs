//! `POST /{clientExtId}/personal-questions`: creates a personal question.

use shared::auth::Needs;
use shared::error::{ApiError, Duplicate};
use shared::http::body::{self, Fields};
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit, ResourceScope};
use shared::table::{Condition, Transaction};

use super::{NEW_PERSONAL_QUESTION, PersonalQuestion};
use crate::clients;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "create-personal-question",
    method: Method::POST,
    path: "/{clientExtId}/personal-questions",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::ClientView, Right::PersonalQuestionCreate]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a personal question",
        details: "Creates a personal question of a client. Its external identifier is unique within the \
                  client; one that is left out is generated.",
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
                ApiError::InvalidPersonalQuestionState("invalid_state".to_owned()),
                ApiError::Duplicate(Duplicate::PersonalQuestion { question: "q-1".to_owned() }),
            ]
        },
        links: &[Link {
            operation: "get-personal-question",
            parameters: &[("clientExtId", Source::Path), ("personalQuestionExtId", Source::Location)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let fields = Fields::new(body::object(request)?);
    let question = PersonalQuestion::read(client.clone(), fields, access.settings(), || access.new_id())?;

    let mut transaction = Transaction::new(access.stamp());
    let client_exists = transaction.check(clients::key(&client), Condition::Exists);
    question.create(&mut transaction);
    let id = question.ext_id.as_str();
    let created = Response::created(request.location(&[client.as_str(), "personal-questions", id]), None);
    match access.commit(transaction, created).await? {
        Commit::Done(response) => Ok(response),
        Commit::Refused(refusals) if refusals.at(client_exists).is_some() => Err(clients::missing(&client)),
        Commit::Refused(_) => {
            Err(ApiError::Duplicate(Duplicate::PersonalQuestion { question: id.to_owned() }))
        }
    }
}
