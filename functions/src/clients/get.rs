//! `GET /clients/{clientExtId}`: returns a client.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{CLIENT_DETAILS, Client, SUBJECT};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-client",
    method: Method::GET,
    path: "/clients/{clientExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a client",
        details: "Returns a client (tenant).",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&CLIENT_DETAILS),
            example: r#"{
                "extId": "100",
                "name": "Default",
                "displayName": {"EN": "Default"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: Vec::new,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, _: &Request) -> Result<Response, ApiError> {
    let (parents, []) = access.get([]).await?;
    Ok(entity::respond::<Client>(parents.innermost()?, [])?)
}
