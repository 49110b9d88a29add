//! `PATCH /clients/{clientExtId}`: changes a client.

use shared::auth::Needs;
use shared::entity::schema::{ObjectSchema, UNCHANGED_EXT_ID};
use shared::entity::{BodyVersion, Changed, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::Access;

use super::{CLIENT_DETAILS, Client, SUBJECT, duplicate};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-client",
    method: Method::PATCH,
    path: "/clients/{clientExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientModify]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Update a client",
        details: "Changes a client (tenant). Omitted members keep their values, and `null` removes a value. \
                  The name must be unique across all clients.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&CLIENT_CHANGE),
            example: r#"{"displayName": {"EN": "Default client"}}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&CLIENT_DETAILS),
            example: r#"{
                "extId": "100",
                "name": "Default",
                "displayName": {"EN": "Default client"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || vec![ApiError::ModifyExtId, duplicate()],
        links: &[],
    },
};

const CLIENT_CHANGE: ObjectSchema = ObjectSchema {
    name: "ClientChange",
    description: "Changes of a client.",
    parts: &[&[UNCHANGED_EXT_ID], Client::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let ext_id = request.client();
    let body = body::object(request)?;
    let patch = Patch::read::<Client>(body, access.settings(), ext_id.as_str(), BodyVersion::Unknown)?;
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, patch.version())?;
        let present = Client::load(item)?;
        let next = patch.apply(&present)?;
        let Changed { updated, reserved } = next.change((&present, item), &mut changes)?;
        let response = changes.respond(item, (&present, &next), &[])?;
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}
