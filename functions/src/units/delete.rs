//! `DELETE /{clientExtId}/units/{unitExtId}`: deletes a unit.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::{ApiError, Code};
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Part};

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
    let entry = child_key(&request.client(), &unit, &unit);
    let part = |sk_prefix| Part { pk: entry.pk(), sk_prefix, after: None, limit: 1 };
    let (children, profiles) = (part(PREFIX), part(MEMBER_PREFIX));
    let read = || async {
        // Boxed: three concurrent calls have a large state.
        let (parents, lists) = Box::pin(access.get_parts([&children, &profiles])).await?;
        let is_empty = lists.iter().all(|(items, _)| items.is_empty());
        Ok::<_, ApiError>((parents, is_empty))
    };
    let attempt = || async {
        let (parents, is_empty) = read().await?;
        let item = parents.innermost()?;
        let mut marking = access.change(&parents, item, None)?;
        if Defaults::load(parents.outermost()?)?.unit == unit {
            return Err(is_default(&unit));
        }
        if !is_empty {
            return Err(in_use(&unit));
        }
        // What is created below the unit only checks its item. The mark makes such a transaction either fail
        // or change the item, so none can come between the next read and the deletion.
        let unreferenced = marking.mark(item)?;
        if !access.commit_first(&marking).await? {
            return Ok(None);
        }
        let (parents, is_empty) = read().await?;
        if !is_empty {
            return Err(in_use(&unit));
        }
        let mut changes = access.change(&parents, item, None)?;
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
