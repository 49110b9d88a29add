//! `GET /{clientExtId}/users/{userExtId}/mobile-signature`: returns the mobile signature of a user.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{EXAMPLE, MOBILE_SIGNATURE, key, missing, show};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-mobile-signature",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialView]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a mobile signature",
        details: "Returns the mobile signature of a user, without its properties. Its version also counts \
                  the changes of the properties.",
        query: &[],
        body: None,
        success: Success::Entity(Body { shape: Shape::Object(&MOBILE_SIGNATURE), example: EXAMPLE }),
        failures: || {
            let user = UserPath::example();
            vec![user.missing("Default"), missing(&user)]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let (_, [item]) = access.get([&key(&user)]).await?;
    let item = item.ok_or_else(|| missing(&user))?;
    Ok(Response::ok(show(&item)?).with_etag(item.number(VERSION)?))
}
