//! `GET /clients/{clientExtId}/units`: returns a page of the units of a client.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List};
use shared::table::Item;

use super::tree::COPIES;
use super::{PREFIX, UNIT, access_to, show};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-units",
    method: Method::GET,
    path: "/clients/{clientExtId}/units",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView, Right::UnitView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List units",
        details: "Returns a page of the units of a client that the caller's data rooms cover, ordered by \
                  external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&UNIT),
            example: r#"{
                "items": [{
                    "extId": "root",
                    "clientExtId": "100",
                    "hierarchicalName": "/root",
                    "name": "Default",
                    "state": "active",
                    "displayName": {},
                    "abbreviation": {},
                    "profileless": false,
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-unit", parameters: &[("clientExtId", Source::Path)] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = clients::key(&request.client());
    let shown = |item: &Item| access.if_covered(&access_to(item)?, || show(item));
    let list = List { copies: COPIES, ..(client.pk(), PREFIX).into() };
    access.filtered_page(request.query(), list, shown).await
}
