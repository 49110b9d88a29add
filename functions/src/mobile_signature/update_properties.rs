//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature/properties`: sets and removes
//! properties of a user's mobile signature.

use std::collections::HashMap;

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
use shared::service::{Access, Commit, Parents};
use shared::table::item::{REVISION, VERSION};
use shared::table::{Item, Key};

use super::changes::Changes;
use super::{MobileSignature, Reservation, SCOPE, key, missing};
use crate::properties::{self, Definition, PropertyFailure, PropertyName};
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
    let name = || "employee_id".to_owned();
    let one = |failure| PropertyFailure::error(&[failure]);
    vec![
        UserPath::example().missing("Default"),
        missing(&UserPath::example()),
        one(PropertyFailure::Unknown { name: "additionalProp1".to_owned() }),
        one(PropertyFailure::ReadOnly { name: name() }),
        one(PropertyFailure::Off { name: name() }),
        one(PropertyFailure::TooLong { name: name() }),
        one(PropertyFailure::PatternMismatch { name: name() }),
        one(PropertyFailure::NotAllowed { name: name(), value: "123".to_owned() }),
        one(PropertyFailure::NotUnique { name: name(), value: "123".to_owned() }),
    ]
}

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let changes = Changes::read(body::object(request)?)?;
    let matcher = Matcher::of_request();

    let attempt = || async {
        let (parents, item, definitions) = load(access, &user, &changes).await?;
        let mut transaction = access.change(&parents, &item, None)?;
        changes.check(&definitions, &matcher, request.deadline)?;
        let present = MobileSignature::load(&item)?;
        let next = changes.apply(&present, &definitions)?;
        let (updated, reservations) = present.change(item.number(REVISION)?, &next, &user, &mut transaction);
        let version = item.number(VERSION)? + u64::from(updated.is_some());
        let response = Response::ok(json!(*next.properties)).with_etag(version);
        let failed = match access.commit(transaction, response).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        let failures = reservations.into_iter().filter(|reservation| failed.at(reservation.index).is_some());
        let failures: Vec<PropertyFailure> = failures.map(Reservation::failure).collect();
        let unchanged = updated.is_none_or(|index| failed.at(index).is_none());
        if unchanged && !failures.is_empty() { Err(PropertyFailure::error(&failures)) } else { Ok(None) }
    };
    access.retry(attempt).await
}

/// Reads the mobile signature and the definitions of the properties in one call.
async fn load(
    access: &Access<'_>,
    user: &UserPath,
    changes: &Changes,
) -> Result<(Parents, Item, HashMap<String, Definition>), ApiError> {
    let signature = key(user);
    let owners = [None, Some(&user.client)];
    let definitions: Vec<(&String, Key)> = changes
        .names()
        .flat_map(|name| {
            owners.map(|owner| (name, properties::key(SCOPE, owner, &PropertyName::unchecked(name))))
        })
        .collect();
    let keys = [&signature].into_iter().chain(definitions.iter().map(|(_, key)| key));
    let (parents, mut items) = access.get_many(keys.collect()).await?;
    let item = items.remove(&signature).ok_or_else(|| missing(user))?;
    let overrides = access.has_over(Right::PropertyAttributeAccessOverride, parents.units());
    let mut defined = HashMap::new();
    // The definition of the client comes after the global one and replaces it.
    for (name, key) in definitions {
        if let Some(item) = items.get(&key) {
            let definition = Definition::load(item)?;
            defined.insert(name.clone(), if overrides { definition.writable() } else { definition });
        }
    }
    Ok((parents, item, defined))
}
