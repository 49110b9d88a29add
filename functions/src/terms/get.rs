//! `GET /terms/{termsExtId}`: returns terms.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};

use super::{TERMS, Terms, TermsExtId, key, missing};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-terms",
    method: Method::GET,
    path: "/terms/{termsExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::TermsView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get terms",
        details: "Returns terms, which belong to no client.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&TERMS),
            example: r#"{
                "extId": "terms-123",
                "name": "Privacy",
                "active": true,
                "silentAcceptance": false,
                "termsVersion": "1",
                "urls": {"en": "https://example.com/privacy"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![missing(&TermsExtId::unchecked("terms-123"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let terms = TermsExtId::unchecked(request.parameter("termsExtId"));
    let (_, [item]) = access.get([&key(&terms)]).await?;
    Ok(entity::respond::<Terms>(&item.ok_or_else(|| missing(&terms))?, [])?)
}
