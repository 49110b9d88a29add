//! `GET /terms`: returns a page of all terms.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List, Subject};

use super::{COPIES, DIRECTORY, TERMS, Terms};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-terms",
    method: Method::GET,
    path: "/terms",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::TermsView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List terms",
        details: "Returns a page of all terms, ordered by external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&TERMS),
            example: r#"{
                "items": [{
                    "extId": "terms-123",
                    "name": "Privacy",
                    "active": true,
                    "silentAcceptance": false,
                    "termsVersion": "1",
                    "urls": {"en": "https://example.com/privacy"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-terms", parameters: &[] }],
    },
};

async fn handle(access: &Access<'_>, _: &Request) -> Result<Response, ApiError> {
    access.page(List { copies: COPIES, ..DIRECTORY.into() }, entity::show::<Terms>).await
}
