//! `GET /{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}`: returns a FIDO UAF
//! authenticator.

use shared::auth::{Needs, SelfService};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{EXAMPLE, FIDO_AUTHENTICATOR, example_failures, key, missing, of, show};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-fido-authenticator",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialView]).or_self(SelfService::Allowed),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a FIDO UAF authenticator",
        details: "Returns a FIDO UAF authenticator of a user.",
        query: &[],
        body: None,
        success: Success::Entity(Body { shape: Shape::Object(&FIDO_AUTHENTICATOR), example: EXAMPLE }),
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let authenticator = of(request);
    let (_, [item]) = access.get([&key(&UserPath::of(request), &authenticator)]).await?;
    let item = item.ok_or_else(|| missing(&authenticator))?;
    Ok(Response::ok(show(&item)?).with_etag(item.number(VERSION)?))
}
