//! `GET /{clientExtId}/users/{userExtId}/consents`: returns all consents of a user.

use serde_json::Value;
use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::TableError;

use super::{CONSENT, Consent, SK_PREFIX, SUBJECT, user_missing};
use crate::users::UserPath;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-consents",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List consents",
        details: "Returns all consents of a user, ordered by terms and version.",
        query: &[],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::List(&CONSENT),
            example: r#"[{
                "termsExtId": "terms-123",
                "termsVersion": "1",
                "acceptanceDate": "2026-01-01T00:00:00Z"
            }]"#,
        }),
        failures: || vec![user_missing(&UserPath::example(), "Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let partition = UserPath::of(request).partition();
    let (_, [], consents) = access.get_and_query([], &partition, SK_PREFIX).await?;
    let consents: Result<Vec<Value>, TableError> =
        consents.iter().map(|item| Ok(Consent::load(item)?.show())).collect();
    Ok(Response::ok(consents?.into()))
}
