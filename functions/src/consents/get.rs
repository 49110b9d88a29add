//! `GET /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`: returns a consent.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::TableError;

use super::{CONSENT, Consent, EXAMPLE, SUBJECT, example_failures, key, missing, of, withdrawn_prefix};
use crate::users::UserPath;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-consent",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a consent",
        details: "Returns the consent of a user to a version of the terms. If it was withdrawn, returns the last \
                  one that was.",
        query: &[],
        body: None,
        success: Success::Ok(Body { shape: Shape::Object(&CONSENT), example: EXAMPLE }),
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (user, consent) = (UserPath::of(request), of(request));
    let (terms, version) = &consent;
    let (present, withdrawn) = (key(&user, terms, version), withdrawn_prefix(terms, version));
    let (_, [item], withdrawn) = access.get_and_query([&present], present.pk(), &withdrawn).await?;
    let consents: Result<Vec<Consent>, TableError> =
        item.iter().chain(&withdrawn).map(Consent::load).collect();
    let latest = consents?.into_iter().max_by_key(|one| (one.withdrawal_date.is_none(), one.withdrawal_date));
    Ok(Response::ok(latest.ok_or_else(|| missing(&user, &consent))?.show()))
}
