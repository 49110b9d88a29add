//! `PATCH /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation`:
//! changes the app attestation of a dispatch target.

use shared::auth::{Needs, SelfService};
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Entity as _, OwnId, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{APP_ATTESTATION, TargetPath, example_failures};
use crate::dispatch_targets::{AppAttestation, DispatchTarget, duplicate_name};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-app-attestation",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
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
        summary: "Update an app attestation",
        details: "Changes the app attestation of a dispatch target. Omitted members keep their values, and `null` removes a \
                  value. If `version` is given, it must be the current version. The version of the dispatch target \
                  also counts the change.",
        query: &[],
        body: Some(Body { shape: Shape::Object(&APP_ATTESTATION_CHANGE), example: r#"{"counter": 1}"# }),
        success: Success::Entity(Body {
            shape: Shape::Object(&APP_ATTESTATION),
            example: r#"{
                "deviceId": "d1",
                "receipt": "receipt-1",
                "publicKey": "public-key-1",
                "counter": 1,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let mut failures = example_failures();
            failures.extend([users::archived(&UserPath::example().user), duplicate_name("Phone")]);
            failures
        },
        links: &[],
    },
};

const APP_ATTESTATION_CHANGE: ObjectSchema = ObjectSchema {
    name: "AppAttestationChange",
    description: "Changes of an app attestation.",
    parts: &[schema::PATCH_OF_UNNAMED, AppAttestation::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let target = TargetPath::of(request);
    let body = body::object(request)?;
    let patch = Patch::read::<AppAttestation>(body, access.settings(), OwnId::None, BodyVersion::Allowed)?;
    let attempt = || async {
        let (found, item) = target.read_attested(access).await?;
        let mut changes = access.change(&found.parents, &item, patch.version())?;
        let present = AppAttestation::load(&item)?;
        let next = patch.apply(&present)?;
        let (updated, response) = changes.update_entity(&item, (&present, &next), &[])?;
        if updated.is_some() {
            DispatchTarget::change_attached(&found.target, &mut changes)?;
        }
        let name = next.change_name(&present, (&target.user, &target.ext_id), &mut changes);
        access.commit_change(changes, response, updated, name).await
    };
    access.retry(attempt).await
}
