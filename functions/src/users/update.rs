//! `PATCH /{clientExtId}/users/{userExtId}`: changes a user.

use shared::auth::{Needs, SelfService};
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Changed, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::UserMember;
use shared::rights::Right;
use shared::service::Access;

use super::rules::{duplicate_value, missing_member};
use super::{
    CLIENT_EXT_ID, Memberships, SUBJECT, USER_DETAILS, USER_STATE, User, UserPath, archived,
    duplicate_login_id, one_profile, reject_archived,
};

/// The rights to change any member.
const RIGHTS: &[Right] = &[Right::UserView, Right::UserModify];
/// The members that users may change in themselves.
const OWN: &[&str] =
    &["name", "languageCode", "gender", "sex", "birthDate", "address", "contacts", "extId", "version"];

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-user",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(RIGHTS).or_self(SelfService::WithXToken),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Update a user",
        details: "Changes a user of a client. Omitted members keep their values, and `null` removes a value \
                  or restores its default; objects are merged by member. If `version` is given, it must be \
                  the current version. The login ID must be unique within the client regardless of letter \
                  case. Users who change themselves without the rights may only change `name`, \
                  `languageCode`, `gender`, `sex`, `birthDate`, `address` and `contacts`. `isTechnicalUser` \
                  with the value `true` also requires the right AccessControl.UserCreateTechUser. An \
                  archived user cannot be changed. A deployment can make members mandatory, which then cannot \
                  be removed, and the e-mail address and the mobile number unique within the client.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&USER_CHANGE),
            example: r#"{"languageCode": "DE", "contacts": {"mobile": "+41790000001"}}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&USER_DETAILS),
            example: r#"{
                "extId": "user-123",
                "clientExtId": "100",
                "loginId": "jdoe",
                "userState": "active",
                "languageCode": "DE",
                "isTechnicalUser": false,
                "name": {"firstName": "Jane", "familyName": "Doe"},
                "contacts": {"email": "jane.doe@example.com", "mobile": "+41790000001"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let UserPath { user, .. } = UserPath::example();
            vec![
                ApiError::InvalidName { kind: "UserState", value: "invalid_state".to_owned() },
                ApiError::ModifyExtId,
                UserPath::example().missing("Default"),
                archived(&user),
                one_profile(&user),
                duplicate_login_id("jdoe"),
                ApiError::Rules(vec![missing_member(UserMember::Email)]),
                duplicate_value(UserMember::Email, "jane.doe@example.com"),
                duplicate_value(UserMember::Mobile, "+41790000001"),
                ApiError::MissingRight(Right::UserCreateTechUser),
                ApiError::DataRoomDenied(Right::UserCreateTechUser),
            ]
        },
        links: &[],
    },
};

const USER_CHANGE: ObjectSchema = ObjectSchema {
    name: "UserChange",
    description: "Changes of a user.",
    parts: &[schema::PATCH, User::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let mut members = body::object(request)?;
    reject_archived(&mut members, USER_STATE);
    let mut rights = Vec::new();
    if members.keys().any(|name| !OWN.contains(&name.as_str())) {
        rights.extend(RIGHTS);
    }
    if members.get("isTechnicalUser").is_some_and(|value| *value == true) {
        rights.push(Right::UserCreateTechUser);
    }
    let patch = Patch::read::<User>(members, access.settings(), user.user.as_str(), BodyVersion::Allowed)?;
    for right in &rights {
        access.require_over(*right, None)?;
    }
    let attempt = || async {
        let (parents, []) = access.get([]).await?;
        for right in &rights {
            access.require_over(*right, parents.units())?;
        }
        let item = parents.innermost()?;
        let mut changes = access.change(&parents, item, patch.version())?;
        let present = User::load(item)?;
        let next = patch.apply(&present)?.with_login_id()?;
        let memberships = Memberships::load(item)?;
        let Changed { updated, reserved } =
            next.change((&present, item), &memberships, access.settings(), &mut changes)?;
        let response = changes.respond(item, (&present, &next), &[CLIENT_EXT_ID])?;
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}
