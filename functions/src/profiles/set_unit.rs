//! `PUT /{clientExtId}/profiles/{profileExtId}/unit/{unitExtId}`: moves a profile to another unit.

use shared::auth::Needs;
use shared::entity::{Entity as _, Fixed};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{Profile, ProfileExtId, SUBJECT, archived, missing, require_active_unit, units_of};
use crate::units;
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "set-profile-unit",
    method: Method::PUT,
    path: "/{clientExtId}/profiles/{profileExtId}/unit/{unitExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ProfileModify]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Set the unit of a profile",
        details: "Moves a profile of a user to a unit, which makes the user a member of it in place of the \
                  present unit. The caller's data room must cover both. The unit must be active and not \
                  profileless. An archived profile, and a profile of an archived user, cannot be changed.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: || {
            let (profile, unit) = (ProfileExtId::unchecked("profile-123"), UnitExtId::unchecked("sales"));
            vec![
                missing(&profile),
                units::missing(&unit),
                users::archived(&UserPath::example().user),
                archived(&profile),
                units::disabled(&unit),
                units::profileless(&unit),
            ]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let unit = units::of(request);
    let unit_key = units::key(&request.client(), &unit);
    let attempt = || async {
        let (parents, [found]) = access.get([&unit_key]).await?;
        let item = parents.innermost()?;
        let found = units::require(access, &unit, found)?;
        let mut changes = access.change(&parents, item, None)?;
        let present = Profile::load(item)?;
        present.require_changeable()?;
        if present.unit.0.as_ref() != Some(&unit) {
            require_active_unit(&found)?;
            let units = units_of(&found)?;
            changes.refer_to(&found)?;
            let next = Profile { unit: Fixed(Some(unit.clone())), ..present.clone() };
            next.change((&present, item), Some(units), None, &mut changes)?;
        }
        access.commit_change(changes, Response::no_content(), None, None).await
    };
    access.retry(attempt).await
}
