//! Examples of request and response bodies.

use serde_json::Value;
use shared::entity::schema::FieldKind;
use shared::operation::Operation;
use shared::operation::description::{Body, Shape};

/// Returns the example of a body. The API tests check that it is valid JSON.
pub(super) fn of(body: Body) -> Value {
    serde_json::from_str(body.example).unwrap_or_default()
}

/// Returns the example of an operation's request body. If `unique` is given, appends it to names, so that
/// they are not in use.
pub(crate) fn example(operation: &Operation, unique: Option<&str>) -> Option<Value> {
    let body = operation.description.body?;
    let mut example = of(body);
    if let (Shape::Object(object), Some(unique)) = (body.shape, unique) {
        for field in object.fields().filter(|field| field.kind == FieldKind::Name) {
            if let Some(name) = example[field.name].as_str() {
                example[field.name] = format!("{name}-{unique}").into();
            }
        }
    }
    Some(example)
}
