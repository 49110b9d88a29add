//! `POST /{clientExtId}/users`: creates a user.

use shared::auth::Needs;
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::ids::UserExtId;
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::{Settings, UserMember};
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::rules::{duplicate_value, missing_member};
use super::{Memberships, NEW_USER, USER_STATE, User, duplicate, duplicate_login_id, reject_archived};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-user",
    method: Method::POST,
    path: "/{clientExtId}/users",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UserCreate]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a user",
        details: "Creates a user of a client. The external identifier and, regardless of letter case, the \
                  login ID must be unique within the client. A technical user also requires the right \
                  AccessControl.UserCreateTechUser. A deployment can make members mandatory, and the e-mail \
                  address and the mobile number unique within the client.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_USER),
            example: r#"{
                "languageCode": "EN",
                "name": {"firstName": "Richard", "familyName": "Roe"},
                "contacts": {"email": "richard.roe@example.com"}
            }"#,
        }),
        success: Success::Created(None),
        failures: || {
            vec![
                ApiError::MissingRight(Right::UserCreateTechUser),
                ApiError::DataRoomDenied(Right::UserCreateTechUser),
                duplicate(&UserExtId::unchecked("user-123")),
                duplicate_login_id("jdoe"),
                ApiError::Rules(UserMember::MANDATORY.iter().copied().map(missing_member).collect()),
                duplicate_value(UserMember::Email, "jane.doe@example.com"),
                duplicate_value(UserMember::Mobile, "+41790000001"),
            ]
        },
        links: &[Link {
            operation: "get-user",
            parameters: &[("clientExtId", Source::Path), ("userExtId", Source::CreatedId)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let mut members = body::object(request)?;
    reject_archived(&mut members, USER_STATE);
    let fields = Fields::new(members, access.settings());
    let user = User::read_new(request.client(), fields, || access.new_id())?;
    if user.is_technical.0 {
        access.require_over(Right::UserCreateTechUser, None)?;
    }

    let mut changes = access.create()?;
    let created = user.create(&Memberships::default(), &access.settings().unique_user_fields, &mut changes);
    let location = request.location(&[user.client.as_str(), "users", user.ext_id.as_str()]);
    match access.commit(changes, Response::created(location, user.ext_id.as_str(), None)).await? {
        Commit::Done(response) => Ok(response),
        Commit::Failed(failed) if failed.at(created.ext_id).is_some() => Err(duplicate(&user.ext_id)),
        // The other copies exist only together with the user.
        Commit::Failed(failed) => {
            let mut reserved = created.reserved.into_iter();
            let in_use = reserved.find(|(index, _)| failed.at(*index).is_some());
            Err(in_use.map_or(ApiError::Internal, |(_, in_use)| in_use))
        }
    }
}
