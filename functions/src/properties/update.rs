//! `PATCH /properties/{propertyId}`: changes the definition of a property.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Changed, Entity as _, OwnId, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::pattern;
use shared::rights::Right;
use shared::service::{Access, Parents, Subject};
use shared::table::{Condition, TableError};

use super::values::{self, OWNERS};
use super::{
    Definition, MAX_VALUE, PROPERTY, Uniqueness, has_values, id_key, key, missing, unsupported_uniqueness,
};
use crate::clients;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-property",
    method: Method::PATCH,
    path: "/properties/{propertyId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::PropertyModify]),
        // The client is known once the definition is read.
        subject: Subject::GLOBAL_VIEW,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Update a property",
        details: "Changes the definition of a property. The caller's rights must cover its client, or all clients if \
                  it has none. Omitted members keep their values, and `null` removes a value; texts by language \
                  are merged by language. If `version` is given, it must be the current version. While values \
                  exist, a change that could make one of them invalid is rejected: another type or pattern, a \
                  shorter maximum length, fewer allowed values, or uniqueness.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&PROPERTY_CHANGE),
            example: r#"{"displayName": {"EN": "Employee number"}, "stringMaxLen": 12}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&PROPERTY),
            example: r#"{
                "propertyId": 100,
                "scope": "CREDENTIAL_MOBILE_SIGNATURE_GLOBAL",
                "name": "employee_id",
                "displayName": {"EN": "Employee number"},
                "type": "STRING",
                "stringMaxLen": 12,
                "stringRegex": "[0-9]+",
                "uniquenessScope": "ABSOLUTE",
                "accessModify": "READ_WRITE",
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            vec![
                ApiError::InvalidName { kind: "ValueType", value: "invalid_type".to_owned() },
                unsupported_uniqueness(Uniqueness::RelativeUnit),
                missing("100"),
                has_values("100"),
            ]
        },
        links: &[],
    },
};

const PROPERTY_CHANGE: ObjectSchema = ObjectSchema {
    name: "PropertyChange",
    description: "Changes of the definition of a property.",
    parts: &[schema::PATCH_OF_UNNAMED, Definition::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let id = request.parameter("propertyId");
    let mut members = body::object(request)?;
    reject_invalid(&mut members);
    let uniqueness = members.get("uniquenessScope").and_then(Value::as_str).and_then(Uniqueness::parse);
    let patch = Patch::read::<Definition>(members, access.settings(), OwnId::None, BodyVersion::Allowed)?;
    if let Some(unsupported) = uniqueness.filter(|uniqueness| !uniqueness.is_supported()) {
        return Err(unsupported_uniqueness(unsupported));
    }

    let attempt = || async {
        let (parents, [item]) = access.get([&id_key(id)]).await?;
        let item = item.ok_or_else(|| missing(id))?;
        let present = Definition::load(&item)?;
        match &present.client {
            Some(client) => {
                access.require_existing_client(client, clients::key(client), || missing(id)).await?;
            }
            None => access.require_all_clients()?,
        }
        let mut changes = access.change(&parents, &item, patch.version())?;
        let next = patch.apply(&present)?;
        let invalid: BTreeSet<&str> = next.contradictions().collect();
        if !invalid.is_empty() {
            return Err(ApiError::InvalidFields(invalid.into_iter().map(str::to_owned).collect()));
        }
        let no_value = if next.may_break_values_of(&present) {
            let Some(condition) = find_no_value(access, &parents, &present, patch.version()).await? else {
                return Ok(None);
            };
            condition
        } else {
            Condition::Exists
        };

        let Changed { updated, reserved } = next.change((&present, &item), no_value, &mut changes)?;
        let mut response = changes.respond(&item, (&present, &next), &[])?;
        if let Some(body) = &mut response.body {
            for (name, value) in next.key_members() {
                body[name] = value;
            }
        }
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}

/// Makes the members of a body invalid that are so whatever the definition is.
fn reject_invalid(members: &mut Map<String, Value>) {
    // No field has an array of numbers, so that it is reported together with all other invalid members.
    let invalid = || Value::Array(vec![0.into()]);
    let is_invalid = |name: &str, value: &Value| match name {
        "stringMaxLen" => value.as_u64().is_some_and(|length| !(1..=MAX_VALUE).contains(&length)),
        "stringRegex" => value.as_str().is_some_and(|text| pattern::whole_match(text).is_err()),
        _ => false,
    };
    for (name, value) in members {
        if is_invalid(name, value) {
            *value = invalid();
        }
    }
}

/// Marks a definition and finds no values of the property. Returns the condition that there are still none, or
/// `None` if the definition changed meanwhile.
///
/// # Errors
/// That of [`has_values`], and those of the table.
async fn find_no_value(
    access: &Access<'_>,
    parents: &Parents,
    definition: &Definition,
    in_body: Option<u64>,
) -> Result<Option<Condition>, ApiError> {
    let key = key(definition.scope, definition.client.as_ref(), &definition.name);
    let partitions = values::entry_partitions(definition.id);
    let lists: Vec<(&str, &str)> = partitions.iter().map(|pk| (pk.as_str(), OWNERS)).collect();
    let has_values = || has_values(&definition.id.to_string());
    // A refused change does not mark the definition, unless the first value comes at the same time.
    let (_, [item], is_used) = access.get_and_find([&key], &lists).await?;
    if is_used {
        return Err(has_values());
    }
    let item = item.ok_or(TableError::Corrupt)?;
    access.require_unreferenced((parents, &item), in_body, &lists, has_values).await
}
