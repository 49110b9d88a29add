//! The parameters of operations: path, query string and headers.

use serde_json::{Map, Value, json};
use shared::operation::Operation;
use shared::service;
use shared::service::idempotency::MAX_KEY;

use super::schemas::{Direction, Names};
use crate::error::Error;

/// The name of the parameter that is shared by all operations that change data.
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";
/// The name of the parameter that is shared by all operations that change existing entities.
const IF_MATCH: &str = "IfMatch";

/// The values in the demo data of what examples delete for good, so that all other examples still find theirs.
const DELETED: [(&str, &str, &str); 3] = [
    ("archive-user", "userExtId", "user-789"),
    ("delete-user", "userExtId", "user-456"),
    ("delete-client", "clientExtId", "200"),
];

/// Returns the description of a path parameter of an operation and its value in the demo data.
fn of_path(operation: &Operation, name: &str) -> Result<(&'static str, &'static str), Error> {
    let deleted = DELETED.iter().find(|(id, parameter, _)| *id == operation.id && *parameter == name);
    let (about, example) = of_name(name)?;
    Ok((about, deleted.map_or(example, |(.., example)| *example)))
}

/// Returns the description of a path parameter and its usual value in the demo data.
fn of_name(name: &str) -> Result<(&'static str, &'static str), Error> {
    Ok(match name {
        "clientExtId" => ("External identifier of the client (tenant)", "100"),
        "unitExtId" => ("External identifier of the unit", "sales"),
        "profileExtId" => ("External identifier of the profile", "profile-123"),
        "policyExtId" => ("External identifier of the policy", "default"),
        "userExtId" => ("External identifier of the user", "user-123"),
        "personalQuestionExtId" => ("External identifier of the personal question", "q-1"),
        "termsExtId" => ("External identifier of the terms", "terms-123"),
        "termsVersion" => ("Version of the terms", "1"),
        "propertyId" => ("Identifier of the property", "100"),
        "fidoAuthenticatorExtId" => ("External identifier of the FIDO UAF authenticator", "uaf-1"),
        "dispatchTargetExtId" => ("External identifier of the dispatch target", "dt-123"),
        "kind" => ("Kind of the objects", "terms"),
        "deletionId" => ("Identifier of the deletion", "5d0d1b3c-7d3c-4a56-9a3f-0d6f0c2b8f11"),
        _ => return Err(Error::Parameter(name.to_owned())),
    })
}

/// Returns the names of the parameters of a path, in order.
pub(super) fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Returns the path parameters of an operation by name, with their values in the demo data.
pub(crate) fn examples(operation: &Operation) -> Result<Map<String, Value>, Error> {
    let example = |name: &str| Ok((name.to_owned(), of_path(operation, name)?.1.into()));
    names(operation.path).map(example).collect()
}

/// Returns the whole path of an operation with the values of the demo data in place of its parameters.
pub(crate) fn fill_path(operation: &Operation) -> Result<String, Error> {
    names(operation.path).try_fold(operation.full_path(), |filled, name| {
        let (_, example) = of_path(operation, name)?;
        Ok(filled.replace(&format!("{{{name}}}"), example))
    })
}

/// Returns the parameters of an operation.
pub(super) fn of(operation: &Operation, names_of: &mut Names<'_>) -> Result<Vec<Value>, Error> {
    let mut parameters = Vec::new();
    for name in names(operation.path) {
        let (about, example) = of_path(operation, name)?;
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": about,
            "schema": {"type": "string", "minLength": 1},
            "example": example,
        }));
    }
    for field in operation.description.query {
        let mut schema = names_of.field(field, Direction::Query);
        schema.as_object_mut().map(|schema| schema.remove("description"));
        parameters.push(json!({
            "name": field.name,
            "in": "query",
            "required": field.required,
            "description": field.description,
            "schema": schema,
        }));
    }
    if operation.has_preconditions() {
        parameters.push(json!({"$ref": format!("#/components/parameters/{IF_MATCH}")}));
    }
    if operation.is_change() {
        parameters.push(json!({"$ref": format!("#/components/parameters/{IDEMPOTENCY_KEY}")}));
    }
    Ok(parameters)
}

/// Returns the parameters to which operations refer.
pub(super) fn shared() -> Value {
    json!({
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Unique key of the request, such as a UUID. Makes retries safe: within 24 hours, \
                repeating the request as the same caller with the same key returns the original response and \
                changes nothing. A different request with the same key is rejected.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-+\\-.-~]+$"},
        },
        IF_MATCH: {
            "name": service::IF_MATCH,
            "in": "header",
            "required": false,
            "description": "`ETag` of the version to change, a list of them, or `*`. If the entity has a \
                different version, the request is rejected with 409.",
            "schema": {"type": "string", "minLength": 1, "pattern": "^(\\*|\"[!#-~]*\"(, *\"[!#-~]*\")*)$"},
        },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_unknown_parameter_is_reported() {
        let error = super::of_name("thingExtId").expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "path parameter thingExtId is not described in local/src/openapi/parameters.rs"
        );
    }
}
