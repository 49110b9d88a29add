//! `GET /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`: returns a dispatch target
//! with its app attestation.

use shared::auth::{Needs, SelfService};
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{
    DISPATCH_TARGET, DispatchTarget, DispatchTargetExtId, EXAMPLE, app_attestation_key, attached,
    example_failures, key, missing,
};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-dispatch-target",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialView, Right::DispatchTargetView])
            .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a dispatch target",
        details: "Returns a dispatch target of a user, including its app attestation if present.",
        query: &[],
        body: None,
        success: Success::Entity(Body { shape: Shape::Object(&DISPATCH_TARGET), example: EXAMPLE }),
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let target = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));
    let keys = (key(&user, &target), app_attestation_key(&user, &target));
    let (parents, [item, attestation]) = access.get([&keys.0, &keys.1]).await?;
    let item = item.ok_or_else(|| missing(&user, &target, parents.client_name()))?;
    Ok(entity::respond::<DispatchTarget>(&item, [attached(attestation.as_ref())?])?)
}
