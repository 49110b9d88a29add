//! The parameters: those of paths, told the same wherever they stand, and the header of changes.

use serde_json::{Value, json};
use shared::operation::Operation;
use shared::service::idempotency::MAX_KEY;

/// The name of the parameter that all changes share.
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// What a parameter of a path is, and what the demo data has in its place.
fn of_path(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "clientExtId" => ("The client (tenant).", "100"),
        "userExtId" => ("The user, within the client.", "user-123"),
        "personalQuestionExtId" => ("The personal question, within the client.", "q-1"),
        "termsExtId" => ("The terms.", "terms-123"),
        "termsVersion" => ("The version of the terms.", "1"),
        "dispatchTargetExtId" => ("The dispatch target, within the client.", "dt-123"),
        _ => return None,
    })
}

/// The names of the parameters of a path, in its order.
pub(super) fn names(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// The path of an operation, with things of the demo data in the place of its parameters.
pub(crate) fn fill_path(path: &'static str) -> String {
    names(path).fold(path.to_owned(), |filled, name| {
        let (_, example) = of_path(name).unwrap_or_default();
        filled.replace(&format!("{{{name}}}"), example)
    })
}

/// The parameters of an operation.
pub(super) fn of(operation: &Operation) -> Vec<Value> {
    let mut parameters: Vec<Value> = names(operation.path)
        .map(|name| {
            let (about, example) = of_path(name).unwrap_or_default();
            json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": about,
                "schema": {"type": "string", "minLength": 1},
                "example": example,
            })
        })
        .collect();
    if operation.is_change() {
        parameters.push(json!({"$ref": format!("#/components/parameters/{IDEMPOTENCY_KEY}")}));
    }
    parameters
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
