//! `GET /{clientExtId}/personal-questions/{personalQuestionExtId}`: returns a personal question.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{PERSONAL_QUESTION, PersonalQuestion, PersonalQuestionExtId, key, missing};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-personal-question",
    method: Method::GET,
    path: "/{clientExtId}/personal-questions/{personalQuestionExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PersonalQuestionView, Right::CredentialView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a personal question",
        details: "Returns a personal question of a client.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
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
        failures: || vec![missing(&PersonalQuestionExtId::unchecked("q-1"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let question = PersonalQuestionExtId::unchecked(request.parameter("personalQuestionExtId"));
    let (_, [item]) = access.get([&key(&request.client(), &question)]).await?;
    Ok(entity::respond::<PersonalQuestion>(&item.ok_or_else(|| missing(&question))?, [])?)
}
