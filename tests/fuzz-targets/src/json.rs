//! The reader of JSON. The input is the text.
//!
//! What it accepts, `serde_json` reads to the same value. An object that `serde_json` reads is refused
//! only where a name occurs twice: the text has more members than its value. Left out are the names
//! that `serde_json` keeps for itself: it takes them for a sign, this service for names like any other.

use serde_json::Value;
use shared::http::json::{NotAnObject, parse_object};

/// What the names begin with that `serde_json` keeps for itself.
const PRIVATE: &str = "$serde_json::private::";

/// Checks the reader with one text.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let read = parse_object(input);
    let written = input.windows(PRIVATE.len()).any(|part| part == PRIVATE.as_bytes());
    if written
        || read.as_ref().is_ok_and(|members| Value::Object(members.clone()).to_string().contains(PRIVATE))
    {
        return;
    }
    let Ok(Value::Object(expected)) = serde_json::from_slice::<Value>(input) else {
        assert_eq!(read, Err(NotAnObject), "what is no JSON object is read");
        return;
    };
    let expected = Value::Object(expected);
    if written_members(input) == kept_members(&expected) {
        let read = read.map(Value::Object);
        assert_eq!(read, Ok(expected), "an object is read to another value");
    } else {
        assert_eq!(read, Err(NotAnObject), "a name that occurs twice is read");
    }
}

/// How many members a text of JSON has: each has a colon that is in no string.
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

/// How many members are in a value, at any depth.
fn kept_members(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(kept_members).sum::<usize>(),
        Value::Array(values) => values.iter().map(kept_members).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}
