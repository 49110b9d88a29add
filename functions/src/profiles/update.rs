//! `PATCH /{clientExtId}/profiles/{profileExtId}`: changes a profile.

use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Changed, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{OWNERS, PROFILE, Profile, ProfileExtId, SUBJECT, archived, missing, of};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-profile",
    method: Method::PATCH,
    path: "/{clientExtId}/profiles/{profileExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ProfileView, Right::ProfileModify]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Update a profile",
        details: "Changes a profile of a user. Omitted members keep their values, and `null` removes a value or \
                  restores its default; objects are merged by member. If `version` is given, it must be the \
                  current version. `isDefaultProfile` can only be set to `true`, which makes the profile the \
                  default one in place of the present one. An archived profile, and a profile of an archived \
                  user, cannot be changed.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&PROFILE_CHANGE),
            example: r#"{"profileState": "disabled", "name": "Sales representative"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&PROFILE),
            example: r#"{
                "extId": "profile-123",
                "clientExtId": "100",
                "userExtId": "user-123",
                "unitExtId": "legal",
                "profileState": "disabled",
                "name": "Sales representative",
                "isDefaultProfile": false,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let profile = ProfileExtId::unchecked("profile-123");
            vec![
                ApiError::InvalidName { kind: "ProfileState", value: "invalid_state".to_owned() },
                ApiError::ModifyExtId,
                missing(&profile),
                users::archived(&UserPath::example().user),
                archived(&profile),
            ]
        },
        links: &[],
    },
};

const PROFILE_CHANGE: ObjectSchema = ObjectSchema {
    name: "ProfileChange",
    description: "Changes of a profile.",
    parts: &[schema::PATCH, Profile::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let profile = of(request);
    let body = body::object(request)?;
    let patch = Patch::read::<Profile>(body, access.settings(), profile.as_str(), BodyVersion::Allowed)?;
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, patch.version())?;
        let present = Profile::load(item)?;
        present.require_changeable()?;
        let next = patch.apply(&present)?;
        let becomes_default = next.becomes_default(&present)?;
        let user = if becomes_default {
            let (_, [user]) = access.get([&present.owner().key()]).await?;
            let Some(user) = user else { return Ok(None) };
            Some(user)
        } else {
            None
        };
        let Changed { updated, reserved } =
            next.change((&present, item), None, user.as_ref(), &mut changes)?;
        let response = changes.respond(item, (&present, &next), OWNERS)?;
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}
