//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature/properties`: sets and removes
//! properties of a user's mobile signature.

use std::collections::HashMap;

use serde_json::json;
use shared::auth::Needs;
use shared::error::{ApiError, Missing, PropertyFailure};
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit, ResourceScope};
use shared::table::item::VERSION;
use shared::table::{Item, Key, Transaction};

use super::changes::Changes;
use super::{MobileSignature, Reservation, key};
use crate::clients;
use crate::properties::{self, Definition, MOBILE_SIGNATURE_SCOPE as SCOPE, PropertyName};
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "update-mobile-signature-properties",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
    entry: Entry::Authenticated {
        needs: Needs::All(&[
            Right::CredentialView,
            Right::CredentialModify,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
            Right::PropertyValueCreate,
            Right::PropertyValueDelete,
            Right::PropertyValueModify,
        ]),
        scope: ResourceScope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(properties::prepare),
    description: Description {
        summary: "Update the properties of a mobile signature",
        details: "Sets the properties that are named and removes those that are `null` or an empty text; \
                  the others stay. Each has to be defined for the scope \
                  `CREDENTIAL_MOBILE_SIGNATURE_GLOBAL` and to keep the rules of its definition: access, \
                  length, pattern, allowed values, uniqueness over all clients, in this order. Every \
                  property is checked, and all that fail are told, in alphabetical order. Answers with \
                  all properties that the mobile signature has now.",
        body: Some(Body {
            shape: Shape::Properties { removes: true },
            example: r#"{"employee_id": "4711"}"#,
        }),
        success: Success::Ok(Body {
            shape: Shape::Properties { removes: false },
            example: r#"{"employee_id": "4711"}"#,
        }),
        failures: example_failures,
        links: &[],
    },
};

fn example_failures() -> Vec<ApiError> {
    let name = || "employee_id".to_owned();
    let one = |failure| ApiError::Properties(vec![failure]);
    vec![
        UserPath::example().missing("Default"),
        missing(&UserPath::example()),
        ApiError::OptimisticLocking,
        one(PropertyFailure::Unknown { name: "additionalProp1".to_owned() }),
        one(PropertyFailure::ReadOnly { name: name() }),
        one(PropertyFailure::Off { name: name() }),
        one(PropertyFailure::TooLong { name: name() }),
        one(PropertyFailure::PatternMismatch { name: name() }),
        one(PropertyFailure::NotAllowed { name: name(), value: "123".to_owned() }),
        one(PropertyFailure::NotUnique { name: name(), value: "123".to_owned() }),
    ]
}

fn missing(user: &UserPath) -> ApiError {
    ApiError::NotFound(Missing::MobileSignature { user: user.user.to_string() })
}

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let changes = Changes::read(body::object(request)?)?;

    let mut attempt = 0;
    loop {
        let (item, definitions) = load(access, &user, &changes).await?;
        changes.check(&definitions)?;
        let now = MobileSignature::from_item(&item)?;
        let next = changes.apply(&now, &definitions)?;
        let mut transaction = Transaction::new(access.stamp());
        let (credential, taken) = now.update(item.number(VERSION)?, &next, &user, &mut transaction);
        match access.commit(transaction, Response::ok(json!(next.properties))).await? {
            Commit::Done(response) => return Ok(response),
            Commit::Refused(refusals) => {
                let failures = taken.into_iter().filter(|taken| refusals.at(taken.place).is_some());
                let failures: Vec<PropertyFailure> = failures.map(Reservation::failure).collect();
                let unchanged = credential.is_none_or(|place| refusals.at(place).is_none());
                if unchanged && !failures.is_empty() {
                    return Err(ApiError::Properties(failures));
                }
            }
        }
        attempt += 1;
        access.back_off_before_retry(attempt).await?;
    }
}

/// Looks at the mobile signature and the definitions of the properties, with one call.
async fn load(
    access: &Access<'_>,
    user: &UserPath,
    changes: &Changes,
) -> Result<(Item, HashMap<String, Definition>), ApiError> {
    let parents = [clients::key(&user.client), user.key(), key(user)];
    let owners = [None, Some(&user.client)];
    let definitions: Vec<(&String, Key)> = changes
        .names()
        .flat_map(|name| {
            owners.map(|owner| (name, properties::key(SCOPE, owner, &PropertyName::unchecked(name))))
        })
        .collect();
    let keys = parents.iter().chain(definitions.iter().map(|(_, key)| key));
    let mut items = access.get_many(keys.collect()).await?;
    let [client, owner, credential] = parents.map(|key| items.remove(&key));
    let found =
        user.require(access, client.as_ref(), owner.as_ref(), |client_name| user.missing(client_name))?;
    let credential = credential.ok_or_else(|| missing(user))?;
    let overrides = access.has_over(Right::PropertyAttributeAccessOverride, &user.client, &found.units);
    let mut defined = HashMap::new();
    // A client's own definition comes behind that of all clients and takes its place.
    for (name, key) in definitions {
        if let Some(item) = items.get(&key) {
            let definition = Definition::from_item(item)?;
            defined.insert(name.clone(), if overrides { definition.writable() } else { definition });
        }
    }
    Ok((credential, defined))
}
