//! `PATCH /{clientExtId}/users/{userExtId}/properties`: sets and removes properties of a user.

use serde_json::json;
use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::pattern::Matcher;
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::VERSION;

use super::{SUBJECT, UserPath, archived, properties};
use crate::properties::changes::Changes;
use crate::properties::values::{self, Conditions, Values};
use crate::properties::{PropertyFailure, prepare};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-user-properties",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::UserView,
            Right::UserModify,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
            Right::PropertyValueCreate,
            Right::PropertyValueDelete,
            Right::PropertyValueModify,
        ]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(prepare),
    description: Description {
        summary: "Update the properties of a user",
        details: "Sets the properties in the request body and removes those whose value is `null` or an \
                  empty string. Other properties keep their values. Each property must be defined for the \
                  scope `USER_GLOBAL`. Its definition is checked in this order: access, length, pattern, \
                  allowed values, uniqueness across all clients. All properties are checked, and all \
                  failures are reported in alphabetical order of the properties. An archived user cannot be \
                  changed. Returns all properties of the user after the update.",
        query: &[],
        body: Some(Body {
            shape: Shape::Properties { removes: true },
            example: r#"{"staff_number": "4711"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Properties { removes: false },
            example: r#"{"staff_number": "4711"}"#,
        }),
        failures: || {
            let user = UserPath::example();
            let mut failures = vec![user.missing("Default"), archived(&user.user)];
            failures.extend(PropertyFailure::examples());
            failures
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let changes = Changes::read(body::object(request)?)?;
    let matcher = Matcher::of_request();
    let holder = properties::holder(&user);

    let attempt = || async {
        let (parents, item, defined) = holder.read(access, changes.names()).await?;
        let (present, version) = match &item {
            Some(item) => (Values::load(item)?, item.number(VERSION)?),
            None => (Values::default(), 0),
        };
        let mut transaction = access.change_at(&parents, version, None)?;
        let owner = parents.innermost()?;
        changes.check(&defined, &matcher, request.deadline)?;
        let next = changes.apply(&present, &defined, &holder)?;
        let etag = |version| Response::ok(json!(*next.properties)).with_etag(version);
        if next == present {
            return values::commit(access, transaction, etag(version), &[], Conditions::default()).await;
        }
        let (values, owner) = ((&present, &next), (&user, owner));
        let (as_read, conditions) =
            properties::change(values, item.as_ref(), owner, &defined, &mut transaction)?;
        values::commit(access, transaction, etag(version + 1), &as_read, conditions).await
    };
    access.retry(attempt).await
}
