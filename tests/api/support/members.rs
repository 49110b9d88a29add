//! Members of JSON objects.

use serde_json::Value;

/// Returns the object with a member set.
pub(crate) fn with(object: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut object = object.clone();
    object[name] = value.into();
    object
}

/// Returns the object without a member.
pub(crate) fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().and_then(|members| members.remove(name)).expect("the member was there");
    object
}
