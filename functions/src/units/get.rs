//! `GET /{clientExtId}/units/{unitExtId}`: returns a unit.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{SUBJECT, UNIT, missing, show};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-unit",
    method: Method::GET,
    path: "/{clientExtId}/units/{unitExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UnitView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a unit",
        details: "Returns a unit of a client. Members without a value are left out.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&UNIT),
            example: r#"{
                "extId": "sales",
                "clientExtId": "100",
                "hierarchicalName": "/europe/sales",
                "parentUnitExtId": "europe",
                "name": "Sales",
                "state": "active",
                "displayName": {"EN": "Sales"},
                "abbreviation": {},
                "profileless": false,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![missing(&UnitExtId::unchecked("sales"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, _: &Request) -> Result<Response, ApiError> {
    let (parents, []) = access.get([]).await?;
    let item = parents.innermost()?;
    Ok(Response::ok(show(item)?).with_etag(item.number(VERSION)?))
}
