//! `GET /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation`:
//! returns the app attestation of a dispatch target.

use shared::auth::{Needs, SelfService};
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{APP_ATTESTATION, EXAMPLE, TargetPath, example_failures};
use crate::dispatch_targets::AppAttestation;
use crate::users;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-app-attestation",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialView, Right::DispatchTargetView])
            .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get an app attestation",
        details: "Returns the app attestation of a dispatch target.",
        query: &[],
        body: None,
        success: Success::Entity(Body { shape: Shape::Object(&APP_ATTESTATION), example: EXAMPLE }),
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (_, attestation) = TargetPath::of(request).read_attested(access).await?;
    Ok(entity::respond::<AppAttestation>(&attestation, [])?)
}
