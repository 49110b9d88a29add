//! `DELETE /{clientExtId}/units/{unitExtId}`: deletes a unit.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::{ApiError, Code};
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{PREFIX, SUBJECT, Unit, child_key, missing, of};
use crate::clients::Defaults;
use crate::units::tree::MEMBER_PREFIX;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-unit",
    method: Method::DELETE,
    path: "/{clientExtId}/units/{unitExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UnitDelete]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a unit",
        details: "Deletes a unit of a client and releases its external identifier and its name. A unit that \
                  has child units or profiles, and the default unit of the client, cannot be deleted.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: || {
            let unit = UnitExtId::unchecked("sales");
            vec![missing(&unit), is_default(&unit), in_use(&unit)]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let unit = of(request);
    // All children and profiles of the unit have the partition of this one.
    let entry = child_key(&request.client(), &unit, &unit);
    let lists = [(entry.pk(), PREFIX), (entry.pk(), MEMBER_PREFIX)];
    let attempt = || async {
        let (parents, [], is_used) = access.get_and_find([], &lists).await?;
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, None)?;
        if Defaults::load(parents.outermost()?)?.unit == unit {
            return Err(is_default(&unit));
        }
        if is_used {
            return Err(in_use(&unit));
        }
        let unreferenced =
            access.require_unreferenced((&parents, item), None, &lists, || in_use(&unit)).await?;
        let Some(unreferenced) = unreferenced else { return Ok(None) };
        changes.leave_tombstone(&item.key()?, &unreferenced);
        Unit::load(item)?.delete(unreferenced, &mut changes);
        access.commit_change(changes, Response::no_content(), None, None).await
    };
    access.retry(attempt).await
}

/// Returns the error for the deletion of a default unit.
fn is_default(unit: &UnitExtId) -> ApiError {
    let message = format!("Unit is the default unit of its client: {unit}");
    ApiError::Rules(vec![(Code::DeleteDefaultEntityFailure, message)])
}

/// Returns the error for the deletion of a unit that has child units or profiles.
fn in_use(unit: &UnitExtId) -> ApiError {
    let message = format!("Unit has child units or profiles: {unit}");
    ApiError::Rules(vec![(Code::UndeletedDependencies, message)])
}
