//! `DELETE /{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}`: deletes a
//! dispatch target and everything that only it is for.

use shared::auth::Needs;
use shared::error::{ApiError, Missing};
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit, ResourceScope};
use shared::table::item::VERSION;
use shared::table::{ActionIndex, Condition, Item, TableError, Transaction};

use super::{CREDENTIALS, DispatchTargetExtId, app_attestation_key, id_key, key};
use crate::clients;
use crate::fido_uaf_credentials::{self, FidoUafCredential};
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "delete-dispatch-target",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}",
    entry: Entry::Authenticated {
        needs: Needs::AnyOrSelf(&[Right::CredentialDelete, Right::DispatchTargetDelete]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a dispatch target",
        details: "Deletes a dispatch target of a user and its app attestation, frees its external \
                  identifier, and clears the reference in every FIDO UAF credential of the user that \
                  points to it; the credentials stay. All of it or nothing.",
        body: None,
        success: Success::NoContent,
        failures: || {
            let target = DispatchTargetExtId::unchecked("dt-123");
            vec![
                UserPath::example().missing("Default"),
                missing_target(&UserPath::example(), &target, "Default"),
                ApiError::OptimisticLocking,
            ]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let target = DispatchTargetExtId::unchecked(request.parameter("dispatchTargetExtId"));

    let keys = (clients::key(&user.client), user.key(), key(&user, &target));
    let partition = user.partition();
    let mut attempt = 0;
    loop {
        let items = access.get([&keys.0, &keys.1, &keys.2]);
        let credentials = access.query(&partition, fido_uaf_credentials::SK_PREFIX);
        let ([client_item, user_item, item], credentials) = tokio::try_join!(items, credentials)?;
        let missing = |client_name: &str| user.missing(client_name);
        let found = user.require(access, client_item.as_ref(), user_item.as_ref(), missing)?;
        let gone = || missing_target(&user, &target, &found.client_name);
        let item = item.ok_or_else(gone)?;

        let credentials = referencing(&target, &credentials)?;
        // Target and credentials were read at the same time, but not at one moment. Only where as many
        // are seen as are counted can the transaction, which finds the version and all of these
        // references again, miss none: not even of a target that came back under the same extId.
        if u64::try_from(credentials.len()) == Ok(item.number(CREDENTIALS)?) {
            let mut transaction = Transaction::new(access.stamp());
            let deleted = delete(&user, &target, &item, &credentials, &mut transaction)?;
            let refusals = match access.commit(transaction, Response::no_content()).await? {
                Commit::Done(response) => return Ok(response),
                Commit::Refused(refusals) => refusals,
            };
            if refusals.at(deleted).is_some_and(|refusal| refusal.item.is_none()) {
                return Err(gone());
            }
        }
        // A credential came or went in between.
        attempt += 1;
        access.back_off_before_retry(attempt).await?;
    }
}

/// Those of these credentials that point to the target.
fn referencing(
    target: &DispatchTargetExtId,
    credentials: &[Item],
) -> Result<Vec<FidoUafCredential>, TableError> {
    let credentials = credentials.iter().map(FidoUafCredential::from_item);
    let is_pointing = |credential: &FidoUafCredential| credential.dispatch_target.as_ref() == Some(target);
    credentials.filter(|credential| credential.as_ref().map_or(true, is_pointing)).collect()
}

/// Adds the deletion to a transaction; returns where that of the target itself stands.
fn delete(
    user: &UserPath,
    target: &DispatchTargetExtId,
    item: &Item,
    credentials: &[FidoUafCredential],
    transaction: &mut Transaction,
) -> Result<ActionIndex, TableError> {
    let unchanged = Condition::Version(item.number(VERSION)?);
    let deleted = transaction.delete(key(user, target), unchanged);
    transaction.delete(app_attestation_key(user, target), Condition::Any);
    let own = Condition::AbsentOrText("owner", user.partition());
    transaction.delete(id_key(&user.client, target), own);
    for credential in credentials {
        credential.clear_dispatch_target(user, target, transaction);
    }
    Ok(deleted)
}

fn missing_target(user: &UserPath, target: &DispatchTargetExtId, client_name: &str) -> ApiError {
    ApiError::NotFound(Missing::DispatchTarget {
        target: target.to_string(),
        user: user.user.to_string(),
        client_name: client_name.to_owned(),
    })
}
