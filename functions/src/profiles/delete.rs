//! `DELETE /{clientExtId}/profiles/{profileExtId}`: deletes a profile.

use shared::auth::Needs;
use shared::entity::{Entity as _, FieldValue as _};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::{Condition, Update};

use super::{Profile, ProfileExtId, SUBJECT, entry_key, missing, of};
use crate::users::{self, DEFAULT_PROFILE, MEMBERSHIPS, Memberships};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-profile",
    method: Method::DELETE,
    path: "/{clientExtId}/profiles/{profileExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ProfileDelete]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a profile",
        details: "Deletes a profile of a user, who is no longer a member of its unit, and releases its external \
                  identifier. If it is the default profile, the first of the other profiles by external \
                  identifier becomes the default one.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: || vec![missing(&ProfileExtId::unchecked("profile-123"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let profile = of(request);
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, None)?;
        let present = Profile::load(item)?;
        let owner = present.owner();
        changes.delete_object(item)?;
        changes.delete(entry_key(&owner, &profile), Condition::Exists);
        present.leave_unit(&mut changes);
        let leave = |update: Update| update.set_entry(MEMBERSHIPS, profile.as_str(), None);
        if present.is_default.0 {
            let (_, [user]) = access.get([&owner.key()]).await?;
            let Some(user) = user else { return Ok(None) };
            let mut others = Memberships::load(&user)?.profiles();
            others.remove(&profile);
            let next = others.first();
            present.mark_default(next, true, &mut changes);
            let unchanged = Condition::as_read(&user)?;
            let default = next.and_then(ProfileExtId::attribute);
            let change = |update| leave(update).set(DEFAULT_PROFILE, default.clone());
            users::change_memberships(&owner, unchanged, change, &mut changes);
        } else {
            users::change_memberships(&owner, Condition::Exists, leave, &mut changes);
        }
        access.commit_change(changes, Response::no_content(), None, None).await
    };
    access.retry(attempt).await
}
