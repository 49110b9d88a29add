//! `GET /clients/{clientExtId}/policies`: returns a page of the policies of a client.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{POLICY, Policy};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-policies",
    method: Method::GET,
    path: "/clients/{clientExtId}/policies",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView, Right::PolicyConfigurationView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List policies",
        details: "Returns a page of the policies of a client, ordered by external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&POLICY),
            example: r#"{
                "items": [{
                    "extId": "default",
                    "clientExtId": "100",
                    "policyType": "ProfilePolicy",
                    "name": "Default",
                    "parameters": {"defaultUnit": "root"},
                    "defaultPolicy": true,
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = clients::key(&request.client());
    access.page((client.pk(), "POLICY#"), clients::show::<Policy>).await
}
