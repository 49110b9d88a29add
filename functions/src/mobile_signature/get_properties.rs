//! `GET /{clientExtId}/users/{userExtId}/mobile-signature/properties`: returns the properties of a user's mobile
//! signature.

use serde_json::json;
use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{key, missing};
use crate::properties::values::Values;
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-mobile-signature-properties",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::CredentialView,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
        ]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get the properties of a mobile signature",
        details: "Returns the values of all properties that the mobile signature of a user has.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Properties { removes: false },
            example: r#"{"employee_id": "1"}"#,
        }),
        failures: || {
            let user = UserPath::example();
            vec![user.missing("Default"), missing(&user)]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let (_, [item]) = access.get([&key(&user)]).await?;
    let item = item.ok_or_else(|| missing(&user))?;
    Ok(Response::ok(json!(*Values::load(&item)?.properties)).with_etag(item.number(VERSION)?))
}
