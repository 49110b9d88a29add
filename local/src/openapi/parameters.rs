//! The parameters: those of paths, told the same wherever they stand, and the header of changes.

use serde_json::{Map, Value, json};
use shared::operation::Operation;
use shared::service::idempotency::MAX_KEY;

use crate::error::Error;

/// The name of the parameter that all changes share.
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// Returns the description of a path parameter and its value in the demo data.
fn of_path(name: &str) -> Result<(&'static str, &'static str), Error> {
    Ok(match name {
        "clientExtId" => ("The client (tenant).", "100"),
        "userExtId" => ("The user, within the client.", "user-123"),
        "personalQuestionExtId" => ("The personal question, within the client.", "q-1"),
        "termsExtId" => ("The terms.", "terms-123"),
        "termsVersion" => ("The version of the terms.", "1"),
        "dispatchTargetExtId" => ("The dispatch target, within the client.", "dt-123"),
        _ => return Err(Error::Parameter(name.to_owned())),
    })
}

/// The names of the parameters of a path, in its order.
pub(super) fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Returns the parameters of a path by name, with their values in the demo data.
pub(crate) fn examples(path: &'static str) -> Result<Map<String, Value>, Error> {
    names(path).map(|name| Ok((name.to_owned(), of_path(name)?.1.into()))).collect()
}

/// Returns the path of an operation with the values of the demo data in place of its parameters.
pub(crate) fn fill_path(path: &'static str) -> Result<String, Error> {
    names(path).try_fold(path.to_owned(), |filled, name| {
        let (_, example) = of_path(name)?;
        Ok(filled.replace(&format!("{{{name}}}"), example))
    })
}

/// Returns the parameters of an operation.
pub(super) fn of(operation: &Operation) -> Result<Vec<Value>, Error> {
    let mut parameters = Vec::new();
    for name in names(operation.path) {
        let (about, example) = of_path(name)?;
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": about,
            "schema": {"type": "string", "minLength": 1},
            "example": example,
        }));
    }
    if operation.is_change() {
        parameters.push(json!({"$ref": format!("#/components/parameters/{IDEMPOTENCY_KEY}")}));
    }
    Ok(parameters)
}

/// The parameters that operations refer to.
pub(super) fn shared() -> Value {
    json!({
        IDEMPOTENCY_KEY: {
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Names this request, with a UUID for instance, so that it can be sent again without harm: the same caller who \
                sends the same request with the same key within 24 hours gets the same answer, and nothing \
                is done twice. Another request with the key is refused.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::fill_path;

    #[test]
    fn an_unknown_parameter_is_named() {
        let error = fill_path("/{clientExtId}/things/{thingExtId}").expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "path parameter thingExtId is not described in local/src/openapi/parameters.rs"
        );
    }
}
