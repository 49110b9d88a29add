//! `DELETE /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`: deletes a
//! dispatch target and its app attestation.

use shared::auth::{Needs, SelfService};
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit};
use shared::table::{ActionIndex, Condition, Item, TableError, Transaction};

use super::{
    AppAttestation, CREDENTIALS, DispatchTargetExtId, app_attestation_key, example_failures, key, missing,
    release_id,
};
use crate::fido_authenticators::{self, FidoUafCredential};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-dispatch-target",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialDelete, Right::DispatchTargetDelete])
            .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a dispatch target",
        details: "Deletes a dispatch target of a user and its app attestation, and releases its external \
                  identifier. Removes the reference to it from the FIDO UAF credentials of the user, but \
                  keeps the credentials. Either all of these changes are made or none.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: example_failures,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let target = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));

    let keys = (key(&user, &target), app_attestation_key(&user, &target));
    let partition = user.partition();
    let attempt = || async {
        let (parents, [item, attestation], credentials) =
            access.get_and_query([&keys.0, &keys.1], &partition, fido_authenticators::SK_PREFIX).await?;
        let gone = || missing(&user, &target, parents.client_name());
        let item = item.ok_or_else(gone)?;
        let mut changes = access.change(&parents, &item, None)?;

        let credentials = referencing(&target, &credentials)?;
        // The target and the credentials are read concurrently, so they may be inconsistent. If the number
        // of credentials equals the stored count, the transaction cannot miss a credential: it checks the
        // revision and each reference again. This also covers a target that was deleted and recreated with
        // the same extId.
        if u64::try_from(credentials.len()) != Ok(item.number(CREDENTIALS)?) {
            return Ok(None);
        }
        let deleted = delete(&user, &target, (&item, attestation.as_ref()), &credentials, &mut changes)?;
        let failed = match access.commit(changes, Response::no_content()).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        match failed.at(deleted) {
            Some(condition) if condition.item.is_none() => Err(gone()),
            // A credential was added or removed concurrently.
            Some(_) | None => Ok(None),
        }
    };
    access.retry(attempt).await
}

/// Returns the credentials that point to the target.
fn referencing(
    target: &DispatchTargetExtId,
    credentials: &[Item],
) -> Result<Vec<FidoUafCredential>, TableError> {
    let credentials = credentials.iter().map(FidoUafCredential::load);
    let is_pointing = |credential: &FidoUafCredential| credential.dispatch_target.as_ref() == Some(target);
    credentials.filter(|credential| credential.as_ref().map_or(true, is_pointing)).collect()
}

/// Adds the deletion to a transaction, which fails if the app attestation changes, because that changes the target.
/// Returns the index of the deletion of the target.
fn delete(
    user: &UserPath,
    target: &DispatchTargetExtId,
    (item, attestation): (&Item, Option<&Item>),
    credentials: &[FidoUafCredential],
    transaction: &mut Transaction,
) -> Result<ActionIndex, TableError> {
    let deleted = transaction.delete_object(item)?;
    transaction.delete(app_attestation_key(user, target), Condition::Any);
    if let Some(attestation) = attestation {
        transaction.leave_tombstone(&attestation.key()?, &Condition::as_read(attestation)?);
        AppAttestation::load(attestation)?.release_name(user, transaction);
    }
    release_id(user, target, transaction);
    for credential in credentials {
        credential.clear_dispatch_target(user, target, transaction);
    }
    Ok(deleted)
}
