//! `GET /{clientExtId}/users/{userExtId}/properties`: returns the properties of a user.

use serde_json::json;
use shared::auth::{Needs, SelfService};
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{SUBJECT, UserPath, properties};
use crate::properties::values::Values;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-user-properties",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/properties",
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
        summary: "Get the properties of a user",
        details: "Returns the values of all properties that a user has.",
        query: &[],
        body: None,
        success: Success::Entity(Body {
            shape: Shape::Properties { removes: false },
            example: r#"{"staff_number": "1"}"#,
        }),
        failures: || vec![UserPath::example().missing("Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (_, [item]) = access.get([&properties::key(&UserPath::of(request))]).await?;
    let (values, version) = match item {
        Some(item) => (Values::load(&item)?, item.number(VERSION)?),
        None => (Values::default(), 0),
    };
    Ok(Response::ok(json!(*values.properties)).with_etag(version))
}
