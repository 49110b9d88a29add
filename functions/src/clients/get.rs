//! `GET /clients/{clientExtId}`: a client, as the `Location` of its creation names it.

use serde_json::json;
use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::error::ApiError;
use shared::http::{Method, Operation, Request, Response};

use super::{Client, key, missing};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-client",
    method: Method::GET,
    path: "/clients/{clientExtId}",
    needs: Needs::All(&[Right::ClientView]),
    scope: Scope::Client,
    handler: |access, request| Box::pin(handle(access, request)),
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let [item] = access.get([&key(&client)]).await?;
    let item = item.ok_or_else(|| missing(&client))?;
    let client = Client::from_item(&item)?;
    let mut body = json!({
        "extId": client.ext_id.as_str(),
        "name": client.name,
        "displayName": client.display_name,
    });
    if let Some(remarks) = client.remarks {
        body["remarks"] = remarks.into();
    }
    Ok(Response::ok(item.with_history(body)?))
}
