//! `POST /{clientExtId}/users/{userExtId}/profiles`: creates a profile of a user.

use shared::auth::Needs;
use shared::entity::{Entity as _, Fields, Fixed};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit};
use shared::table::Condition;

use super::{NEW_PROFILE, Profile, ProfileExtId, duplicate, require_active_unit, too_many, units_of};
use crate::clients::Defaults;
use crate::units;
use crate::users::{self, PROFILE_STATE, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-profile",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/profiles",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ProfileCreate, Right::AuthorizationCreate]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a profile",
        details: "Creates a profile of a user, which makes the user a member of its unit. The caller's data \
                  room must cover the user and the unit. The external identifier must be unique within the \
                  client. The unit must be active and not profileless; the default is the default unit of the \
                  client. The first profile becomes the default one, as does a profile with \
                  `isDefaultProfile` set to `true`. A user has at most 20 profiles, a technical user one.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_PROFILE),
            example: r#"{"unitExtId": "legal", "name": "Legal adviser"}"#,
        }),
        success: Success::Created(None),
        failures: || {
            let (UserPath { user, .. }, unit) = (UserPath::example(), UnitExtId::unchecked("sales"));
            vec![
                UserPath::example().missing("Default"),
                units::missing(&unit),
                users::archived(&user),
                users::one_profile(&user),
                too_many(&user),
                units::disabled(&unit),
                units::profileless(&unit),
                duplicate(&ProfileExtId::unchecked("profile-123")),
            ]
        },
        links: &[Link {
            operation: "get-profile",
            parameters: &[("clientExtId", Source::Path), ("profileExtId", Source::CreatedId)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let mut members = body::object(request)?;
    users::reject_archived(&mut members, PROFILE_STATE);
    let fields = Fields::new(members, access.settings());
    let read = Profile::read_new(user.clone(), fields, || access.new_id())?;
    let location = request.location(&[user.client.as_str(), "profiles", read.ext_id.as_str()]);
    let attempt = || async {
        let mut profile = read.clone();
        let unit_key = profile.unit.0.as_ref().map(|unit| units::key(&user.client, unit));
        let (parents, mut items) = access.get_many(unit_key.iter().collect()).await?;
        let item = parents.innermost()?;
        let named = match (&profile.unit.0, &unit_key) {
            (Some(unit), Some(key)) => Some(units::require(access, unit, items.remove(key))?),
            _ => None,
        };
        let mut changes = access.change(&parents, item, None)?;
        let mut default_unit = None;
        let units = if let Some(found) = named {
            require_active_unit(&found)?;
            changes.refer_to(&found)?;
            units_of(&found)?
        } else {
            // A default unit is at the top, cannot be deleted, and can have profiles while it is active.
            let unit = Defaults::load(parents.outermost()?)?.unit;
            let units = [unit.to_string()].into();
            access.require_user(&units::access_to_units(&units))?;
            let is_active = Condition::Text(units::STATE, units::UnitState::Active.as_str().to_owned());
            let index = changes.check(units::key(&user.client, &unit), is_active);
            default_unit = Some((index, unit.clone()));
            profile.unit = Fixed(Some(unit));
            units
        };
        let created = profile.create_for(item, units, &mut changes)?;
        let failed = match access
            .commit(changes, Response::created(location.clone(), profile.ext_id.as_str(), None))
            .await?
        {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        match default_unit {
            _ if failed.at(created).is_some() => Err(duplicate(&profile.ext_id)),
            Some((index, unit)) if failed.at(index).is_some() => Err(units::disabled(&unit)),
            Some(_) | None => Ok(None),
        }
    };
    access.retry(attempt).await
}
