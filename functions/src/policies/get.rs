//! `GET /{clientExtId}/policies/{policyExtId}`: returns a policy.

use shared::auth::Needs;
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{POLICY, Policy, PolicyExtId, key, missing};
use crate::clients::{self, CLIENT_EXT_ID};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-policy",
    method: Method::GET,
    path: "/{clientExtId}/policies/{policyExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PolicyConfigurationView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a policy",
        details: "Returns a policy of a client, such as its default profile policy.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&POLICY),
            example: r#"{
                "extId": "default",
                "clientExtId": "100",
                "policyType": "ProfilePolicy",
                "name": "Default",
                "parameters": {"defaultUnit": "root"},
                "defaultPolicy": true,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![missing(&PolicyExtId::unchecked("default"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let policy = PolicyExtId::unchecked(request.parameter("policyExtId"));
    let (_, [item]) = access.get([&key(&client, &policy)]).await?;
    let item = item.ok_or_else(|| missing(&policy))?;
    Ok(entity::respond::<Policy>(&item, [(CLIENT_EXT_ID, Some(client.as_str().into()))])?)
}
