//! `POST /{clientExtId}/users/{userExtId}/dispatch-targets`: creates a dispatch target of a user.

use shared::auth::Needs;
use shared::entity::{self, Entity as _, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{
    ATTESTATION, AppAttestation, DISPATCH_TARGET, DispatchTarget, DispatchTargetExtId, EXAMPLE, MAX_TARGETS,
    NEW_DISPATCH_TARGET, SK_PREFIX, duplicate, duplicate_name, too_many,
};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-dispatch-target",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialCreate, Right::DispatchTargetCreate]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a dispatch target",
        details: "Creates a dispatch target of a user, with an app attestation if the body has one. The external \
                  identifier must be unique within the client, and is generated if omitted. The name of an app \
                  attestation must be unique within the user. A user has at most 200 dispatch targets.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_DISPATCH_TARGET),
            example: r#"{
                "extId": "dt-123",
                "deviceId": "d1",
                "target": "target-1",
                "signingKey": "signing-key-1",
                "appId": "app",
                "name": "Phone",
                "appAttestation": {
                    "deviceId": "d1", "receipt": "receipt-1", "publicKey": "public-key-1", "counter": 0
                }
            }"#,
        }),
        success: Success::CreatedEntity(Body { shape: Shape::Object(&DISPATCH_TARGET), example: EXAMPLE }),
        failures: || {
            let user = UserPath::example();
            vec![
                ApiError::InvalidName { kind: "DispatchTargetState", value: "invalid_state".to_owned() },
                user.missing("Default"),
                users::archived(&user.user),
                too_many(&user.user),
                duplicate(&DispatchTargetExtId::unchecked("dt-123")),
                duplicate_name("Phone"),
            ]
        },
        links: &[Link {
            operation: "get-dispatch-target",
            parameters: &[
                ("clientExtId", Source::Path),
                ("userExtId", Source::Path),
                ("dispatchTargetExtId", Source::CreatedId),
            ],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let fields = Fields::new(body::object(request)?, access.settings());
    let (target, attestation) = DispatchTarget::read_new(fields, || access.new_id())?;
    let id = target.ext_id.as_str();
    let location =
        request.location(&[user.client.as_str(), "users", user.user.as_str(), "dispatch-targets", id]);
    let attached = attestation.as_ref().map(AppAttestation::show);
    let more = [(ATTESTATION, attached)];
    let response = entity::respond_created(location, id, &target, more, access.stamp().now);

    let partition = user.partition();
    let attempt = || async {
        let (parents, targets, _) = access.get_and_count(&partition, SK_PREFIX, None).await?;
        let owner = parents.innermost()?;
        let mut changes = access.change(&parents, owner, None)?;
        if targets >= MAX_TARGETS {
            return Err(too_many(&user.user));
        }
        // Every creation changes the revision of the user, so that no two exceed the maximum together.
        changes.touch(owner)?;
        let created = target.create(&user, (attestation.as_ref(), 0), &mut changes);
        let failed = match access.commit(changes, response.clone()).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        created.failure(&failed, &target.ext_id).map_or(Ok(None), Err)
    };
    access.retry(attempt).await
}
