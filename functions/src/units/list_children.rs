//! `GET /{clientExtId}/units/{unitExtId}/children`: returns a page of the units directly below a unit.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{PREFIX, SUBJECT, UNIT, child_key, missing, of, show};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-unit-children",
    method: Method::GET,
    path: "/{clientExtId}/units/{unitExtId}/children",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UnitView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the children of a unit",
        details: "Returns a page of the units directly below a unit, ordered by external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&UNIT),
            example: r#"{
                "items": [{
                    "extId": "north",
                    "clientExtId": "100",
                    "hierarchicalName": "/europe/sales/north",
                    "parentUnitExtId": "sales",
                    "name": "North",
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
        failures: || vec![missing(&UnitExtId::unchecked("sales"))],
        links: &[Link { operation: "create-unit", parameters: &[("clientExtId", Source::Path)] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let unit = of(request);
    // All entries have the partition of this one.
    let entry = child_key(&request.client(), &unit, &unit);
    access.page((entry.pk(), PREFIX), show).await
}
