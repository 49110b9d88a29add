//! `GET /{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}`: a consent.

use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::error::{ApiError, Missing};
use shared::http::{Method, Operation, Request, Response};

use super::{Consent, key, user_missing};
use crate::clients;
use crate::terms::{TermsExtId, TermsVersion};
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-consent",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
    needs: Needs::All(&[Right::ConsentView]),
    scope: Scope::Client,
    handler: |access, request| Box::pin(handle(access, request)),
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let terms = TermsExtId::from_path(request.parameter("termsExtId"));
    let version = TermsVersion::from_path(request.parameter("termsVersion"));
    let keys = (clients::key(&user.client), user.key(), key(&user, &terms, &version));
    let [client_item, user_item, item] = access.get([&keys.0, &keys.1, &keys.2]).await?;
    let missing = |client_name: &str| user_missing(&user, client_name);
    user.demand(access, client_item.as_ref(), user_item.as_ref(), missing)?;
    let item = item.ok_or_else(|| {
        ApiError::NotFound(Missing::Consent {
            user: user.user.to_string(),
            terms: terms.to_string(),
            version: version.to_string(),
        })
    })?;
    Ok(Response::ok(Consent::from_item(&item)?.to_json()))
}
