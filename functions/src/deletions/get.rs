//! `GET /deletions/{deletionId}`: returns the progress of a deletion.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};

use super::{DELETION, DELETION_ID, Deletion, DeletionId, key, missing};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-deletion",
    method: Method::GET,
    path: "/deletions/{deletionId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a deletion",
        details: "Returns the progress of the deletion of a client or a user, or of the credentials of an archived \
                  user. Only the caller who began it, or one with `AccessControl.ClientDelete` over all clients, can \
                  read it. It can be read until 30 days after its end.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&DELETION),
            example: r#"{
                "deletionId": "5d0d1b3c-7d3c-4a56-9a3f-0d6f0c2b8f11",
                "kind": "user",
                "clientExtId": "100",
                "userExtId": "user-123",
                "state": "running",
                "begun": "2026-01-01T00:00:00Z",
                "deleted": 297,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:01Z",
                "version": 3
            }"#,
        }),
        failures: || vec![missing("5d0d1b3c-7d3c-4a56-9a3f-0d6f0c2b8f11")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let id = request.parameter(DELETION_ID);
    let (_, [item]) = access.get([&key(&DeletionId::unchecked(id))]).await?;
    let is_own = match &item {
        Some(item) => item.text("createdBy")? == access.stamp().by,
        None => false,
    };
    // A caller who may not read all deletions cannot tell which exist.
    if !is_own {
        access.require_over_all_clients(Right::ClientDelete)?;
    }
    let item = item.ok_or_else(|| missing(id))?;
    Ok(entity::respond::<Deletion>(&item, [(DELETION_ID, Some(id.into()))])?)
}
