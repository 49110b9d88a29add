//! `GET /{clientExtId}/personal-questions`: returns a page of the personal questions of a client.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{PERSONAL_QUESTION, PersonalQuestion};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-personal-questions",
    method: Method::GET,
    path: "/{clientExtId}/personal-questions",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView, Right::PersonalQuestionView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List personal questions",
        details: "Returns a page of the personal questions of a client, ordered by external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&PERSONAL_QUESTION),
            example: r#"{
                "items": [{
                    "extId": "q-1",
                    "stateName": "active",
                    "displayName": {},
                    "content": {"EN": "What was the name of your first school?"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link {
            operation: "create-personal-question",
            parameters: &[("clientExtId", Source::Path)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = clients::key(&request.client());
    access.page((client.pk(), "PERSONAL_QUESTION#"), entity::show::<PersonalQuestion>).await
}
