//! `DELETE /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`: withdraws a consent.

use shared::auth::{Needs, SelfService};
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{Consent, SUBJECT, example_failures, key, missing, of};
use crate::users::UserPath;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-consent",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentDelete]).or_self(SelfService::WithXToken),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Withdraw a consent",
        details: "Withdraws the consent of a user to a version of the terms. The withdrawn consent is kept with the \
                  time of its withdrawal. The terms are pending again, and the user can consent to the same version \
                  again.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (user, consent) = (UserPath::of(request), of(request));
    let key = key(&user, &consent.0, &consent.1);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&user, &consent))?;
        let mut changes = access.change(&parents, &item, None)?;
        let withdrawn = Consent::load(&item)?.withdraw(&item, &user, &mut changes)?;
        access.commit_change(changes, Response::no_content(), Some(withdrawn), None).await
    };
    access.retry(attempt).await
}
