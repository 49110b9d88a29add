//! `GET /{clientExtId}/users/{userExtId}/consents`: all consents of a user.

use serde_json::Value;
use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::description::{Body, Description, Shape, Success};
use shared::error::ApiError;
use shared::http::{Entry, Method, Operation, Request, Response};
use shared::table::TableError;

use super::{CONSENT, Consent, SK_PREFIX, user_missing};
use crate::clients;
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "list-consents",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Admitted {
        needs: Needs::All(&[Right::ConsentView]),
        scope: Scope::Client,
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
    user.demand(access, client_item.as_ref(), user_item.as_ref(), missing)?;
    let consents: Result<Vec<Value>, TableError> =
        consents.iter().map(|item| Ok(Consent::from_item(item)?.to_json())).collect();
    Ok(Response::ok(consents?.into()))
}
