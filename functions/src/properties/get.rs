//! `GET /properties/{propertyId}`: returns the definition of a property.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};
use shared::table::item::VERSION;

use super::{Definition, PROPERTY, id_key, missing};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-property",
    method: Method::GET,
    path: "/properties/{propertyId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PropertyView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a property",
        details: "Returns the definition of a property. For a property of one client, the caller's rights \
                  must cover this client.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&PROPERTY),
            example: r#"{
                "propertyId": 100,
                "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
                "name": "employee_id",
                "displayName": {},
                "type": "STRING",
                "stringMaxLen": 10,
                "stringRegex": "[0-9]+",
                "uniquenessScope": "ABSOLUTE",
                "accessModify": "READ_WRITE",
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![missing("100")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let id = request.parameter("propertyId");
    let (_, [item]) = access.get([&id_key(id)]).await?;
    let item = item.ok_or_else(|| missing(id))?;
    let definition = Definition::load(&item)?;
    if let Some(client) = &definition.client {
        access.require_existing_client(client, clients::key(client), || missing(id)).await?;
    }
    Ok(Response::ok(definition.show_with_history(&item)?).with_etag(item.number(VERSION)?))
}
