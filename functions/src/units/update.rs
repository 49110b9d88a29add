//! `PATCH /{clientExtId}/units/{unitExtId}`: changes a unit.

use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Changed, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::UnitExtId;
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::Access;

use super::{PLACE, SUBJECT, UNIT, Unit, duplicate_name, missing, of};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-unit",
    method: Method::PATCH,
    path: "/{clientExtId}/units/{unitExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UnitView, Right::UnitModify]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Update a unit",
        details: "Changes a unit of a client. Omitted members keep their values, and `null` removes a value or \
                  restores its default; objects are merged by member. If `version` is given, it must be the \
                  current version. The name must be unique among the units of the parent. The parent cannot \
                  be changed.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&UNIT_CHANGE),
            example: r#"{"name": "Sales-and-service", "location": "Bern"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&UNIT),
            example: r#"{
                "extId": "sales",
                "clientExtId": "100",
                "hierarchicalName": "/europe/sales",
                "parentUnitExtId": "europe",
                "name": "Sales-and-service",
                "state": "active",
                "location": "Bern",
                "displayName": {"EN": "Sales"},
                "abbreviation": {},
                "profileless": false,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            vec![
                ApiError::InvalidName { kind: "UnitState", value: "invalid_state".to_owned() },
                ApiError::ModifyExtId,
                missing(&UnitExtId::unchecked("sales")),
                duplicate_name("Legal"),
            ]
        },
        links: &[],
    },
};

const UNIT_CHANGE: ObjectSchema = ObjectSchema {
    name: "UnitChange",
    description: "Changes of a unit.",
    parts: &[schema::PATCH, Unit::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let unit = of(request);
    let body = body::object(request)?;
    let patch = Patch::read::<Unit>(body, access.settings(), unit.as_str(), BodyVersion::Allowed)?;
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, patch.version())?;
        let present = Unit::load(item)?;
        let next = patch.apply(&present)?;
        let Changed { updated, reserved } = next.change((&present, item), &mut changes)?;
        let response = changes.respond(item, (&present, &next), PLACE)?;
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}
