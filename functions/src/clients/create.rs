//! `POST /clients`: creates a client and everything that a client starts with.

use serde_json::json;
use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::{ApiError, Duplicate};
use shared::http::body::{self, Fields};
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit, ResourceScope};
use shared::table::Transaction;

use super::{Client, Defaults, NEW_CLIENT, default_template_collection};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "create-client",
    method: Method::POST,
    path: "/clients",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::ClientCreate]),
        scope: ResourceScope::NewClient,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a client",
        details: "Creates a client (a tenant) with everything that it starts with: its default unit, its \
                  default template collection, its default profile policy, and the assignment of the \
                  default application. All of it or nothing. Name and external identifier are unique \
                  over all clients. Only in multi-client mode.",
        body: Some(Body {
            shape: Shape::Object(&NEW_CLIENT),
            example: r#"{"name": "Example", "displayName": {"EN": "Example"}}"#,
        }),
        success: Success::Created(Some(Body {
            shape: Shape::Object(&CLIENT_DEFAULTS),
            example: r#"{
                "defaultTemplateCollectionName": "default_for_-Example",
                "defaultUnitExtId": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                "defaultProfilePolicyExtId": "16fd2706-8baf-433b-82eb-8c7fada847da"
            }"#,
        })),
        failures: || vec![ApiError::Duplicate(Duplicate::Client)],
        links: &[Link { operation: "get-client", parameters: &[("clientExtId", Source::Location)] }],
    },
};

const CLIENT_DEFAULTS: ObjectSchema = ObjectSchema {
    name: "ClientDefaults",
    description: "What was created together with a client.",
    fields: &[
        Field::required("defaultTemplateCollectionName", FieldKind::Text, "The default template collection."),
        Field::required("defaultUnitExtId", FieldKind::Text, "The default unit."),
        Field::required("defaultProfilePolicyExtId", FieldKind::Text, "The default profile policy."),
    ],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?);
    let defaults = Defaults { unit: UnitExtId::unchecked(&access.new_id()), profile_policy: access.new_id() };
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
