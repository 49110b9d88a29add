//! `GET /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`: returns a dispatch target
//! with its app attestation.

use shared::auth::{Needs, SelfService};
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, ObjectSchema};
use shared::entity::{self, Entity as _};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{
    AppAttestation, DispatchTarget, DispatchTargetExtId, app_attestation_key, example_failures, key, missing,
};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-dispatch-target",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialView, Right::DispatchTargetView])
            .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a dispatch target",
        details: "Returns a dispatch target of a user, including its app attestation if present.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&DISPATCH_TARGET),
            example: r#"{
                "extId": "dt-123",
                "deviceId": "device-1",
                "target": "push-address",
                "name": "Phone",
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: example_failures,
        links: &[],
    },
};

const DISPATCH_TARGET: ObjectSchema = ObjectSchema {
    name: "DispatchTarget",
    description: "A device of a user that receives messages.",
    parts: &[
        &[EXT_ID],
        DispatchTarget::SHOWN,
        &[Field::optional("appAttestation", FieldKind::Object(&APP_ATTESTATION), "App attestation.")],
        HISTORY,
    ],
};

const APP_ATTESTATION: ObjectSchema = ObjectSchema {
    name: "AppAttestation",
    description: "The device manufacturer's attestation of the application.",
    parts: &[AppAttestation::SHOWN],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let target = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));
    let keys = (key(&user, &target), app_attestation_key(&user, &target));
    let (parents, [item, attestation]) = access.get([&keys.0, &keys.1]).await?;
    let item = item.ok_or_else(|| missing(&user, &target, parents.client_name()))?;
    let attestation = attestation.as_ref().map(AppAttestation::load).transpose()?;
    let attestation = attestation.map(|attestation| attestation.show());
    Ok(entity::respond::<DispatchTarget>(&item, [("appAttestation", attestation)])?)
}
