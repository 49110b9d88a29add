//! `GET /{clientExtId}/users/{userExtId}/consents`: all consents of a user.

use serde_json::Value;
use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::error::ApiError;
use shared::http::{Method, Operation, Request, Response};
use shared::table::TableError;

use super::{Consent, SK_PREFIX, user_missing};
use crate::clients;
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "list-consents",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents",
    needs: Needs::All(&[Right::ConsentView]),
    scope: Scope::Client,
    handler: |access, request| Box::pin(handle(access, request)),
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
