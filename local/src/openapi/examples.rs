//! The examples of bodies.

use serde_json::Value;
use shared::entity::schema::FieldKind;
use shared::operation::Operation;
use shared::operation::description::{Body, Shape};

/// An example of a body. A text that is no JSON is found by a test of the description.
pub(super) fn of(body: Body) -> Value {
    serde_json::from_str(body.example).unwrap_or_default()
}

/// The example of a request's body. Names in it end with `unique`, where there is one, so that they
/// are not taken.
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
