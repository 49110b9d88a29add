//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature/properties`: sets and removes
//! properties of a user's mobile signature.

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
use shared::table::{Condition, Update};

use super::missing;
use crate::properties::changes::Changes;
use crate::properties::values::{self, Conditions, Values};
use crate::properties::{self, PropertyFailure};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-mobile-signature-properties",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::CredentialView,
            Right::CredentialModify,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
            Right::PropertyValueCreate,
            Right::PropertyValueDelete,
            Right::PropertyValueModify,
        ]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(properties::prepare),
    description: Description {
        summary: "Update the properties of a mobile signature",
        details: "Sets the properties in the request body and removes those whose value is `null` or an \
                  empty string. Other properties keep their values. Each property must be defined for the \
                  scope `CREDENTIAL_MOBILE_SIGNATURE_GLOBAL`. Its definition is checked in this order: \
                  access, length, pattern, allowed values, uniqueness across all clients. All properties \
                  are checked, and all failures are reported in alphabetical order of the properties. \
                  Returns all properties of the mobile signature after the update.",
        query: &[],
        body: Some(Body {
            shape: Shape::Properties { removes: true },
            example: r#"{"employee_id": "4711"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Properties { removes: false },
            example: r#"{"employee_id": "4711"}"#,
        }),
        failures: example_failures,
        links: &[],
    },
};

fn example_failures() -> Vec<ApiError> {
    let mut failures = vec![UserPath::example().missing("Default"), missing(&UserPath::example())];
    failures.extend(PropertyFailure::examples());
    failures
}

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let changes = Changes::read(body::object(request)?)?;
    let matcher = Matcher::of_request();
    let holder = super::holder(&user);

    let attempt = || async {
        let (parents, item, defined) = holder.read(access, changes.names()).await?;
        let item = item.ok_or_else(|| missing(&user))?;
        let mut transaction = access.change(&parents, &item, None)?;
        changes.check(&defined, &matcher, request.deadline)?;
        let present = Values::load(&item)?;
        let next = changes.apply(&present, &defined, &holder)?;
        let version = item.number(VERSION)?;
        let etag = |version| Response::ok(json!(*next.properties)).with_etag(version);
        if next == present {
            return values::commit(access, transaction, etag(version), &[], Conditions::default()).await;
        }
        let unchanged = Condition::as_read(&item)?;
        let updated = transaction.update(next.update(&present, Update::new(holder.key.clone(), unchanged)));
        let conditions = next.change(&present, &holder, &defined, &mut transaction)?;
        values::commit(access, transaction, etag(version + 1), &[updated], conditions).await
    };
    access.retry(attempt).await
}
