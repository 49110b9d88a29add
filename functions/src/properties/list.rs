//! `GET /clients/{clientExtId}/properties`: returns a page of the property definitions of a client.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List};

use super::{COPIES, Definition, PROPERTY, list_of};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-client-properties",
    method: Method::GET,
    path: "/clients/{clientExtId}/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PropertyView, Right::PropertyAllowedValueView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the properties of a client",
        details: "Returns a page of the properties that a client defines, ordered by scope and name. The properties \
                  of all clients are not among them: `search-properties` with `clientExtId` returns both.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&PROPERTY),
            example: r#"{
                "items": [{
                    "propertyId": 103,
                    "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
                    "clientExtId": "100",
                    "name": "department",
                    "displayName": {},
                    "type": "STRING",
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-property", parameters: &[] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (pk, prefix) = list_of(&request.client());
    let list = List { copies: COPIES, ..(&pk, prefix).into() };
    access.page(list, |item| Definition::load(item)?.show_with_history(item)).await
}
