//! `GET /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`: returns a consent.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{CONSENT, Consent, SUBJECT, key, title, user_missing};
use crate::terms::{TermsExtId, TermsVersion};
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
        details: "Returns the consent of a user to a version of the terms.",
        query: &[],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Object(&CONSENT),
            example: r#"{
                "termsExtId": "terms-123",
                "termsVersion": "1",
                "acceptanceDate": "2026-01-01T00:00:00Z"
            }"#,
        }),
        failures: || {
            let consent = Consent::example();
            vec![
                user_missing(&UserPath::example(), "Default"),
                missing_consent(&UserPath::example(), &consent.terms, &consent.version),
            ]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let terms = TermsExtId::unchecked(request.parameter("termsExtId"));
    let version = TermsVersion::unchecked(request.parameter("termsVersion"));
    let (_, [item]) = access.get([&key(&user, &terms, &version)]).await?;
    let item = item.ok_or_else(|| missing_consent(&user, &terms, &version))?;
    Ok(Response::ok(Consent::load(&item)?.show()))
}

fn missing_consent(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> ApiError {
    ApiError::NotFound(format!("{} doesn't exist.", title(user, terms, version)))
}
