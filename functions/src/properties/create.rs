//! `POST /properties`: defines a property.

use shared::auth::Needs;
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::ClientExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit, Subject};
use shared::table::Condition;

use super::{Definition, MAX_ID, NEW_PROPERTY, PropertyName, Uniqueness, duplicate, unsupported_uniqueness};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-property",
    method: Method::POST,
    path: "/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PropertyCreate]),
        // The client is a member of the body.
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a property",
        details: "Defines a property of a kind of entity, for one client or for all clients. The caller's \
                  rights must cover the client, or all clients if `clientExtId` is omitted. The name must be \
                  unique within the scope and client. `stringMaxLen` and `stringRegex` apply to the type \
                  `STRING` only. The type `ENUM` requires `allowedValues`.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_PROPERTY),
            example: r#"{
                "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
                "name": "cost_centre",
                "type": "STRING",
                "stringMaxLen": 6,
                "stringRegex": "[0-9]+"
            }"#,
        }),
        success: Success::Created(None),
        failures: || {
            vec![
                ApiError::InvalidName { kind: "Scope", value: "invalid_scope".to_owned() },
                unsupported_uniqueness(Uniqueness::RelativeUnit),
                clients::missing(&ClientExtId::unchecked("100")),
                duplicate(&PropertyName::unchecked("employee_id")),
            ]
        },
        links: &[Link { operation: "get-property", parameters: &[("propertyId", Source::CreatedId)] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?, access.settings());
    let definition = Definition::read_new(fields, |_, _, _| access.new_number(MAX_ID))?;
    match &definition.client {
        Some(client) => access.require_client(client)?,
        None => access.require_all_clients()?,
    }

    let mut changes = access.create()?;
    let client = definition.client.as_ref();
    let exists = client.map(|client| (client, changes.check(clients::key(client), Condition::Exists)));
    let created = definition.create(&mut changes);
    let id = definition.id.to_string();
    let location = request.location(&["properties", &id]);
    let failed = match access.commit(changes, Response::created(location, &id, None)).await? {
        Commit::Done(response) => return Ok(response),
        Commit::Failed(failed) => failed,
    };
    match exists {
        Some((client, index)) if failed.at(index).is_some() => Err(clients::missing(client)),
        Some(_) | None if failed.at(created.name).is_some() => Err(duplicate(&definition.name)),
        // Two of 2^53 random identifiers are the same.
        Some(_) | None => Err(ApiError::Internal),
    }
}
