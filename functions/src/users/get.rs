//! `GET /{clientExtId}/users/{userExtId}`: returns a user.

use shared::auth::{Needs, SelfService};
use shared::entity;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{CLIENT_EXT_ID, SUBJECT, USER_DETAILS, User, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-user",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::UserView,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
        ])
        .or_self(SelfService::Allowed),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a user",
        details: "Returns a user of a client. Members without a value are left out.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Object(&USER_DETAILS),
            example: r#"{
                "extId": "user-123",
                "clientExtId": "100",
                "loginId": "jdoe",
                "userState": "active",
                "languageCode": "EN",
                "isTechnicalUser": false,
                "name": {"firstName": "Jane", "familyName": "Doe"},
                "contacts": {"email": "jane.doe@example.com"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: || vec![UserPath::example().missing("Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (parents, []) = access.get([]).await?;
    let client = request.client().as_str().into();
    Ok(entity::respond::<User>(parents.innermost()?, [(CLIENT_EXT_ID, Some(client))])?)
}
