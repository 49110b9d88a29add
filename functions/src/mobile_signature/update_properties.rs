//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature/properties`: sets and removes
//! properties of a user's mobile signature.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use shared::app::{Access, App};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::body;
use shared::error::{ApiError, Missing, PropertyFailure};
use shared::http::{Method, Operation, Request, Response};
use shared::table::item::{VERSION, text_map, text_set};
use shared::table::{Condition, Item, Key, Outcome, Place, Transaction, Update};

use super::{MobileSignature, key};
use crate::clients;
use crate::properties::{self, Definition, MOBILE_SIGNATURE_SCOPE as SCOPE, PropertyName};
use crate::users::UserPath;

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "update-mobile-signature-properties",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature/properties",
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
    handler: |app, request| Box::pin(handle(app, request)),
};

/// The most properties that one request may change: their definitions are read in one call, and
/// their values change in one transaction.
const MAX_CHANGES: usize = 45;
/// The most that all properties of a mobile signature may take, in bytes: an item of the table
/// has room for 400 KB.
const MAX_BYTES: usize = 256 * 1024;

/// The new value of each property that is named; `None` removes it.
type Changes = BTreeMap<String, Option<String>>;

async fn handle(app: &App, request: &Request) -> Result<Response, ApiError> {
    let access = app.admit(request, OPERATION.needs).await?;
    let user = UserPath::of(request);
    let changes = read(body::object(request)?)?;

    let mut attempt = 0;
    loop {
        let (item, definitions) = look(&access, &user, &changes).await?;
        check(&changes, &definitions)?;
        let now = MobileSignature::from_item(&item)?;
        let next = apply(&now, &changes, &definitions)?;
        if next == now {
            return Ok(Response::ok(json!(now.properties)));
        }
        let mut transaction = Transaction::new(access.stamp());
        let unchanged = Condition::Version(item.number(VERSION)?);
        let update = Update::new(key(&user), unchanged)
            .set("properties", Some(text_map(&next.properties)))
            .set("uniqueProperties", text_set(&next.unique_properties));
        let credential = transaction.update(update);
        let taken = move_values(&user, &now, &next, &mut transaction);
        match access.transact(&transaction).await? {
            Outcome::Done => return Ok(Response::ok(json!(next.properties))),
            Outcome::Refused(refusals) => {
                let failures = taken.into_iter().filter(|(_, place)| refusals.at(*place).is_some());
                let failures: Vec<PropertyFailure> = failures.map(|(failure, _)| failure).collect();
                if refusals.at(credential).is_none() && !failures.is_empty() {
                    return Err(ApiError::Properties(failures));
                }
            }
        }
        attempt += 1;
        access.wait_for_another_look(attempt).await?;
    }
}

/// Reads the changes: texts, of which an empty one removes like `null`.
fn read(members: Map<String, Value>) -> Result<Changes, ApiError> {
    let mut invalid = Vec::new();
    let mut changes = Changes::new();
    for (name, value) in members {
        match value {
            Value::Null => drop(changes.insert(name, None)),
            Value::String(value) => drop(changes.insert(name, Some(value).filter(|value| !value.is_empty()))),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => invalid.push(name),
        }
    }
    if !invalid.is_empty() {
        invalid.sort_unstable();
        return Err(ApiError::InvalidFields(invalid));
    }
    if changes.len() > MAX_CHANGES {
        return Err(ApiError::InvalidData(format!(
            "At most {MAX_CHANGES} properties can be changed at once."
        )));
    }
    Ok(changes)
}

/// Looks at the mobile signature and the definitions of the properties, with one call.
async fn look(
    access: &Access<'_>,
    user: &UserPath,
    changes: &Changes,
) -> Result<(Item, HashMap<String, Definition>), ApiError> {
    let parents = [clients::key(&user.client), user.key(), key(user)];
    let owners = [None, Some(&user.client)];
    let definitions: Vec<(&String, Key)> = changes
        .keys()
        .flat_map(|name| {
            owners.map(|owner| (name, properties::key(SCOPE, owner, &PropertyName::from_path(name))))
        })
        .collect();
    let keys = parents.iter().chain(definitions.iter().map(|(_, key)| key));
    let mut items = access.get_many(keys.collect()).await?;
    let [client, owner, credential] = parents.map(|key| items.remove(&key));
    let found =
        user.demand(access, client.as_ref(), owner.as_ref(), |client_name| user.missing(client_name))?;
    let credential = credential
        .ok_or_else(|| ApiError::NotFound(Missing::MobileSignature { user: user.user.to_string() }))?;
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

/// Checks every change by the definition of its property.
fn check(changes: &Changes, definitions: &HashMap<String, Definition>) -> Result<(), ApiError> {
    let failures: Vec<PropertyFailure> = changes
        .iter()
        .filter_map(|(name, value)| match definitions.get(name) {
            None => Some(PropertyFailure::Unknown { name: name.clone() }),
            Some(definition) => definition.check(value.as_deref()).err(),
        })
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(ApiError::Properties(failures)) }
}

/// The mobile signature after the changes.
fn apply(
    now: &MobileSignature,
    changes: &Changes,
    definitions: &HashMap<String, Definition>,
) -> Result<MobileSignature, ApiError> {
    let mut next = now.clone();
    for (name, value) in changes {
        let unique = definitions.get(name).is_some_and(|definition| definition.unique);
        next.unique_properties.remove(name);
        match value {
            Some(value) => {
                next.properties.insert(name.clone(), value.clone());
                if unique {
                    next.unique_properties.insert(name.clone());
                }
            }
            None => drop(next.properties.remove(name)),
        }
    }
    let bytes: usize = next.properties.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_BYTES {
        let message = format!("The properties of a mobile signature take at most {MAX_BYTES} bytes.");
        return Err(ApiError::InvalidData(message));
    }
    Ok(next)
}

/// Gives the unique values back that are no longer held, and takes the new ones; returns where the
/// taking stands, with the failure that it means when somebody else holds the value.
fn move_values(
    user: &UserPath,
    now: &MobileSignature,
    next: &MobileSignature,
    transaction: &mut Transaction,
) -> Vec<(PropertyFailure, Place)> {
    let owner = user.partition();
    let names = now.unique_properties.union(&next.unique_properties);
    let mut taken = Vec::new();
    for name in names {
        let held = |signature: &MobileSignature| {
            let held = signature.unique_properties.contains(name);
            held.then(|| signature.properties.get(name).cloned()).flatten()
        };
        let (old, new) = (held(now), held(next));
        if old == new {
            continue;
        }
        let property = PropertyName::from_path(name);
        if let Some(old) = old {
            properties::give_value_back(SCOPE, &property, &old, &owner, transaction);
        }
        if let Some(value) = new {
            let place = properties::take_value(SCOPE, &property, &value, &owner, transaction);
            taken.push((PropertyFailure::Taken { name: name.clone(), value }, place));
        }
    }
    taken
}
