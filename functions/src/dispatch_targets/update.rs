//! `PATCH /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`: changes a dispatch target.

use shared::auth::{Needs, SelfService};
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{
    DISPATCH_TARGET, DispatchTarget, DispatchTargetExtId, app_attestation_key, attached, example_failures,
    key, missing,
};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-dispatch-target",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
    entry: Entry::Authenticated {
        needs: Needs::one_of_each(&[
            &[Right::CredentialModify, Right::DispatchTargetModify],
            &[Right::CredentialView, Right::DispatchTargetView],
        ])
        .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Update a dispatch target",
        details: "Changes a dispatch target of a user. Omitted members keep their values, and `null` removes a value \
                  or restores its default. If `version` is given, it must be the current version. The app \
                  attestation has an operation of its own.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&DISPATCH_TARGET_CHANGE),
            example: r#"{"name": "Old phone"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&DISPATCH_TARGET),
            example: r#"{
                "extId": "dt-123",
                "type": "fido-uaf",
                "deviceId": "d1",
                "target": "target-1",
                "signingKey": "signing-key-1",
                "appId": "app",
                "name": "Old phone",
                "stateName": "active",
                "appAttestation": {
                    "deviceId": "d1", "receipt": "receipt-1", "publicKey": "public-key-1", "counter": 0
                },
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let mut failures = vec![
                ApiError::InvalidName { kind: "DispatchTargetState", value: "invalid_state".to_owned() },
                ApiError::ModifyExtId,
            ];
            failures.extend(example_failures());
            failures.push(users::archived(&UserPath::example().user));
            failures
        },
        links: &[],
    },
};

const DISPATCH_TARGET_CHANGE: ObjectSchema = ObjectSchema {
    name: "DispatchTargetChange",
    description: "Changes of a dispatch target.",
    parts: &[schema::PATCH, DispatchTarget::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let target = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));
    let body = body::object(request)?;
    let patch =
        Patch::read::<DispatchTarget>(body, access.settings(), target.as_str(), BodyVersion::Allowed)?;
    let keys = (key(&user, &target), app_attestation_key(&user, &target));
    let attempt = || async {
        let (parents, [item, attestation]) = access.get([&keys.0, &keys.1]).await?;
        let item = item.ok_or_else(|| missing(&user, &target, parents.client_name()))?;
        let mut changes = access.change(&parents, &item, patch.version())?;
        let present = DispatchTarget::load(&item)?;
        let next = patch.apply(&present)?;
        let (updated, mut response) = changes.update_entity(&item, (&present, &next), &[])?;
        // Every change of the app attestation is one of the target, so both are as they were read.
        if let (Some(body), (name, Some(attestation))) = (&mut response.body, attached(attestation.as_ref())?)
        {
            body[name] = attestation;
        }
        access.commit_change(changes, response, updated, None).await
    };
    access.retry(attempt).await
}
