//! `GET /{clientExtId}/profiles/{profileExtId}`: returns a profile.

use shared::auth::{Needs, SelfService};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{PROFILE, ProfileExtId, SUBJECT, missing, show};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-profile",
    method: Method::GET,
    path: "/{clientExtId}/profiles/{profileExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ProfileView]).or_self(SelfService::Allowed),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a profile",
        details: "Returns a profile of a user. Members without a value are left out.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&PROFILE),
            example: r#"{
                "extId": "profile-123",
                "clientExtId": "100",
                "userExtId": "user-123",
                "unitExtId": "legal",
                "profileState": "active",
                "isDefaultProfile": false,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![missing(&ProfileExtId::unchecked("profile-123"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, _: &Request) -> Result<Response, ApiError> {
    let (parents, []) = access.get([]).await?;
    let item = parents.innermost()?;
    Ok(Response::ok(show(item)?).with_etag(item.number(VERSION)?))
}
