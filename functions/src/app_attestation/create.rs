//! `POST /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation`:
//! creates the app attestation of a dispatch target.

use shared::auth::Needs;
use shared::entity::{self, Entity as _, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{APP_ATTESTATION, EXAMPLE, TargetPath, duplicate};
use crate::dispatch_targets::{
    self, AppAttestation, DispatchTarget, DispatchTargetExtId, NEW_APP_ATTESTATION, duplicate_name,
};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-app-attestation",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialCreate, Right::DispatchTargetCreate]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Create an app attestation",
        details: "Creates the app attestation of a dispatch target, which can have only one. Its name must be unique within the \
                  user. The version of the dispatch target also counts it.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_APP_ATTESTATION),
            example: r#"{"deviceId": "d1", "receipt": "receipt-1", "publicKey": "public-key-1", "counter": 0}"#,
        }),
        success: Success::CreatedEntity(Body { shape: Shape::Object(&APP_ATTESTATION), example: EXAMPLE }),
        failures: || {
            let mut failures = dispatch_targets::example_failures();
            failures.extend([
                users::archived(&UserPath::example().user),
                duplicate(&DispatchTargetExtId::unchecked("dt-123")),
                duplicate_name("Phone"),
            ]);
            failures
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let target = TargetPath::of(request);
    let mut fields = Fields::new(body::object(request)?, access.settings());
    let attestation = AppAttestation::read(&mut fields, ());
    fields.finish()?;
    let [client, user] = [target.user.client.as_str(), target.user.user.as_str()];
    let ext_id = target.ext_id.as_str();
    let location = request.location(&[client, "users", user, "dispatch-targets", ext_id, "app-attestation"]);
    let response = entity::respond_created(location, ext_id, &attestation, [], access.stamp().now);

    let attempt = || async {
        let found = target.read(access).await?;
        let mut changes = access.create_below(&found.parents)?;
        if found.attestation.is_some() {
            return Err(duplicate(&target.ext_id));
        }
        DispatchTarget::change_attached(&found.target, &mut changes)?;
        let (_, name) = attestation.create(&target.user, &target.ext_id, &mut changes);
        let failed = match access.commit(changes, response.clone()).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        let in_use = name.filter(|(index, _)| failed.at(*index).is_some());
        // Otherwise, the target changed.
        in_use.map_or(Ok(None), |(_, in_use)| Err(in_use))
    };
    access.retry(attempt).await
}
