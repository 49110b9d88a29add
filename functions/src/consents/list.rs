//! `GET /{clientExtId}/users/{userExtId}/consents`: all consents of a user.

use serde_json::Value;
use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, ResourceScope};
use shared::table::TableError;

use super::{CONSENT, Consent, SK_PREFIX, user_missing};
use crate::clients;
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "list-consents",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::ConsentView]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List consents",
        details: "All consents of a user, ordered by terms and version.",
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
    let user = UserPath::of(request);
    let keys = (clients::key(&user.client), user.key());
    let partition = user.partition();
    let parents = access.get([&keys.0, &keys.1]);
    let ([client_item, user_item], consents) =
        tokio::try_join!(parents, access.query(&partition, SK_PREFIX))?;
    let missing = |client_name: &str| user_missing(&user, client_name);
    user.require(access, client_item.as_ref(), user_item.as_ref(), missing)?;
    let consents: Result<Vec<Value>, TableError> =
        consents.iter().map(|item| Ok(Consent::from_item(item)?.to_json())).collect();
    Ok(Response::ok(consents?.into()))
}
