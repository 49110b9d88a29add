//! `POST /{clientExtId}/units`: creates a unit.

use std::collections::BTreeSet;

use shared::auth::Needs;
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Changes, Commit};

use super::{NEW_UNIT, Place, Unit, duplicate, duplicate_name, key, missing, require, too_deep};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-unit",
    method: Method::POST,
    path: "/{clientExtId}/units",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UnitCreate]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a unit",
        details: "Creates a unit of a client below another unit, which the caller's data room must cover. The \
                  external identifier must be unique within the client, the name among the units of the \
                  parent. A unit without a parent also requires the right AccessControl.UnitCreateTopUnit, \
                  and rights over all units.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_UNIT),
            example: r#"{
                "parentUnitExtId": "root",
                "name": "Marketing",
                "profileless": false,
                "displayName": {"EN": "Marketing"}
            }"#,
        }),
        success: Success::Created(None),
        failures: || {
            let unit = UnitExtId::unchecked("sales");
            vec![
                ApiError::MissingRight(Right::UnitCreateTopUnit),
                ApiError::DataRoomDenied(Right::UnitCreateTopUnit),
                missing(&unit),
                too_deep(&unit),
                duplicate(&unit),
                duplicate_name("Sales"),
            ]
        },
        links: &[Link {
            operation: "get-unit",
            parameters: &[("clientExtId", Source::Path), ("unitExtId", Source::CreatedId)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let fields = Fields::new(body::object(request)?, access.settings());
    let unit = Unit::read_new(request.client(), fields, || access.new_id())?;

    let location = request.location(&[unit.client.as_str(), "units", unit.ext_id.as_str()]);
    let created = || Response::created(location.clone(), unit.ext_id.as_str(), None);
    let attempt = || async {
        let Some(parent) = &unit.parent.0 else {
            let none = BTreeSet::new();
            for right in [Right::UnitCreate, Right::UnitCreateTopUnit] {
                access.require_over(right, Some(&none))?;
            }
            return commit(access, &unit, &Place::at_top(&unit.ext_id), access.create()?, created()).await;
        };
        let (parents, [item]) = access.get([&key(&unit.client, parent)]).await?;
        let item = require(access, parent, item)?;
        // A transaction cannot check and create the same item.
        if *parent == unit.ext_id {
            return Err(duplicate(&unit.ext_id));
        }
        let place = Place::load(&item)?.below(parent, &unit.ext_id)?;
        let mut changes = access.create_below(&parents)?;
        changes.refer_to(&item)?;
        commit(access, &unit, &place, changes, created()).await
    };
    access.retry(attempt).await
}

/// Creates the unit at a place. Returns `None` if the parent changed since it was read.
async fn commit(
    access: &Access<'_>,
    unit: &Unit,
    place: &Place,
    mut changes: Changes,
    response: Response,
) -> Result<Option<Response>, ApiError> {
    let created = unit.create(place, &mut changes);
    match access.commit(changes, response).await? {
        Commit::Done(response) => Ok(Some(response)),
        // The entry of the list exists only together with the unit.
        Commit::Failed(failed) if failed.at(created.ext_id).is_some() => Err(duplicate(&unit.ext_id)),
        Commit::Failed(failed) if created.name.is_some_and(|name| failed.at(name).is_some()) => {
            Err(duplicate_name(&unit.name))
        }
        Commit::Failed(_) => Ok(None),
    }
}
