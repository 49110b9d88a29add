//! `DELETE /{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}`: deletes a FIDO UAF
//! authenticator.

use shared::auth::{Needs, SelfService};
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{FidoUafCredential, example_failures, key, missing, of};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-fido-authenticator",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialDelete]).or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a FIDO UAF authenticator",
        details: "Deletes a FIDO UAF authenticator of a user. Its key can be registered again. The dispatch target \
                  is kept.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (user, authenticator) = (UserPath::of(request), of(request));
    let key = key(&user, &authenticator);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&authenticator))?;
        let mut changes = access.change(&parents, &item, None)?;
        let deleted = FidoUafCredential::load(&item)?.delete(&item, &user, &mut changes)?;
        access.commit_change(changes, Response::no_content(), Some(deleted), None).await
    };
    access.retry(attempt).await
}
