//! `DELETE /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation`:
//! deletes the app attestation of a dispatch target.

use shared::auth::{Needs, SelfService};
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{TargetPath, example_failures};
use crate::dispatch_targets::{AppAttestation, DispatchTarget};
use crate::users;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-app-attestation",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation",
    entry: Entry::Authenticated {
        needs: Needs::one_of_each(&[
            &[Right::CredentialDelete, Right::DispatchTargetDelete],
            &[Right::CredentialView, Right::DispatchTargetView],
        ])
        .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete an app attestation",
        details: "Deletes the app attestation of a dispatch target and releases its name. The version of the dispatch target \
                  also counts the deletion.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let target = TargetPath::of(request);
    let attempt = || async {
        let (found, item) = target.read_attested(access).await?;
        let mut changes = access.change(&found.parents, &item, None)?;
        let deleted = changes.delete_object(&item)?;
        DispatchTarget::change_attached(&found.target, &mut changes)?;
        AppAttestation::load(&item)?.release_name(&target.user, &mut changes);
        access.commit_change(changes, Response::no_content(), Some(deleted), None).await
    };
    access.retry(attempt).await
}
