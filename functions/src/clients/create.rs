//! `POST /clients`: creates a client with its default entities.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit, Subject};

use super::{Client, Defaults, NEW_CLIENT, default_template_collection, duplicate};
use crate::policies::policy::PolicyExtId;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-client",
    method: Method::POST,
    path: "/clients",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientCreate]),
        subject: Subject::NEW_CLIENT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a client",
        details: "Creates a client (tenant) together with its default unit, default template collection, \
                  default profile policy, and the assignment of the default application. Either all of \
                  them are created or none. The name and the external identifier must be unique across \
                  all clients. Available only in multi-client mode.",
        query: &[],
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
        failures: || vec![duplicate()],
        links: &[Link { operation: "get-client", parameters: &[("clientExtId", Source::CreatedId)] }],
    },
};

const CLIENT_DEFAULTS: ObjectSchema = ObjectSchema {
    name: "ClientDefaults",
    description: "Default entities that were created with the client.",
    parts: &[
        &[Field::required(
            "defaultTemplateCollectionName",
            FieldKind::Text { min: 1, max: usize::MAX },
            "Name of the default template collection.",
        )],
        Defaults::SHOWN,
    ],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?, access.settings());
    let client = Client::read_new(fields, || access.new_id())?;
    let [unit, profile_policy] = [access.new_id(), access.new_id()];
    let defaults = Defaults {
        unit: UnitExtId::unchecked(&unit),
        profile_policy: PolicyExtId::unchecked(&profile_policy),
    };

    let mut changes = access.create()?;
    client.create(&defaults, &access.settings().default_application, &mut changes);
    match access.commit(changes, created(request, &client, &defaults)).await? {
        Commit::Done(response) => Ok(response),
        // The other items have keys that contain the extId of the new client, so they cannot exist.
        Commit::Failed(_) => Err(duplicate()),
    }
}

fn created(request: &Request, client: &Client, defaults: &Defaults) -> Response {
    let location = request.location(&["clients", client.ext_id.as_str()]);
    let mut body = defaults.show();
    body["defaultTemplateCollectionName"] = default_template_collection(&client.name).into();
    Response::created(location, client.ext_id.as_str(), Some(body))
}
