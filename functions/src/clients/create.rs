//! `POST /clients`: creates a client and everything that a client starts with.

use serde_json::json;
use shared::app::{Access, Commit, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::body::{self, Fields};
use shared::error::{ApiError, Duplicate};
use shared::http::{Method, Operation, Request, Response};
use shared::ids::UnitExtId;
use shared::table::Transaction;

use super::{Client, Defaults, default_template_collection};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "create-client",
    method: Method::POST,
    path: "/clients",
    needs: Needs::All(&[Right::ClientCreate]),
    scope: Scope::NewClient,
    handler: |access, request| Box::pin(handle(access, request)),
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?);
    let defaults = Defaults { unit: UnitExtId::from_path(&access.new_id()), profile_policy: access.new_id() };
    let client = Client::read(fields, access.settings(), || access.new_id(), defaults)?;

    let mut transaction = Transaction::new(access.stamp());
    client.create(&access.settings().default_application, &mut transaction);
    match access.commit(transaction, created(request, &client)).await? {
        Commit::Done(response) => Ok(response),
        // Everything else that is created carries the client's own key.
        Commit::Refused(_) => Err(ApiError::Duplicate(Duplicate::Client)),
    }
}

fn created(request: &Request, client: &Client) -> Response {
    let location = request.location(&["clients", client.ext_id.as_str()]);
    let body = json!({
        "defaultTemplateCollectionName": default_template_collection(&client.name),
        "defaultUnitExtId": client.defaults.unit.as_str(),
        "defaultProfilePolicyExtId": client.defaults.profile_policy,
    });
    Response::created(location, Some(body))
}
