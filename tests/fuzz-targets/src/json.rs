//! JSON parser. The input is the text.
//!
//! Invariants: `serde_json` parses every accepted text to the same value. An object that `serde_json` accepts
//! is rejected only if it has a duplicate name, that is, if the text has more members than the value.
//!
//! Inputs with the private names of `serde_json` are skipped: it interprets them, but this service does not.

use serde_json::Value;
use shared::http::json::{NotAnObject, parse_object};

/// Prefix of the private names of `serde_json`.
const PRIVATE: &str = "$serde_json::private::";

/// Checks the parser with a text.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let read = parse_object(input);
    let written = input.windows(PRIVATE.len()).any(|part| part == PRIVATE.as_bytes());
    if written
        || read.as_ref().is_ok_and(|members| Value::Object(members.clone()).to_string().contains(PRIVATE))
    {
        return;
    }
    let Ok(Value::Object(expected)) = serde_json::from_slice::<Value>(input) else {
        assert_eq!(read, Err(NotAnObject), "a text that is not a JSON object was accepted");
        return;
    };
    let expected = Value::Object(expected);
    if written_members(input) == kept_members(&expected) {
        let read = read.map(Value::Object);
        assert_eq!(read, Ok(expected), "an object was parsed to a different value");
    } else {
        assert_eq!(read, Err(NotAnObject), "a duplicate name was accepted");
    }
}

/// Returns the number of members in a JSON text, which is the number of colons outside strings.
fn written_members(text: &[u8]) -> usize {
    let (mut members, mut in_string, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => members += 1,
            _ => {}
        }
    }
    members
}

/// Returns the number of members in a value, at any depth.
fn kept_members(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(kept_members).sum::<usize>(),
        Value::Array(values) => values.iter().map(kept_members).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
