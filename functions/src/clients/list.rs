//! `GET /clients`: returns a page of the clients that the caller can view.

use shared::auth::{Clients, Needs};
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};
use shared::table::Item;

use super::{CLIENT_DETAILS, Client, DIRECTORY, directory_key};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-clients",
    method: Method::GET,
    path: "/clients",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List clients",
        details: "Returns a page of the clients (tenants) that the caller's data rooms cover, ordered by \
                  external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&CLIENT_DETAILS),
            example: r#"{
                "items": [{
                    "extId": "100",
                    "name": "Default",
                    "displayName": {"EN": "Default"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-client", parameters: &[] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    match access.clients() {
        Clients::All => access.page(DIRECTORY, entity::show::<Client>).await,
        Clients::Only(clients) => {
            let keys = clients.iter().map(directory_key).collect();
            let show = |item: &Item| entity::show::<Client>(item).map(Some);
            access.page_of(request.query(), DIRECTORY, keys, show).await
        }
    }
}
