//! Behaviour that can differ between hosts: routes, sizes, headers, origins, events, and one valid and one
//! rejected request to each operation. `.ci/run` runs this module in-process and against every
//! host. Everything else is the same code on every host and is tested in-process only.

mod cors;
mod events;
mod headers;
mod requests;
mod routes;

use serde_json::{Value, json};

/// Returns the body with generated identifiers replaced, also in the items of a page.
fn without_ids(body: &Value) -> Value {
    let mut body = body.clone();
    for item in body.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        *item = without_ids(item);
    }
    for name in ["defaultUnitExtId", "defaultProfilePolicyExtId", "propertyId"] {
        if body.get(name).is_some() {
            body[name] = json!("<generated>");
        }
    }
    body
}
