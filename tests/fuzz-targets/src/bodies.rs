//! Parsers of request bodies. The input is a media type, a line break and a body.
//!
//! Invariants:
//!
//! - Only JSON in UTF-8 is accepted, and errors are reported in the order of the contract.
//! - An accepted body round-trips: serialised again, it is the same except for `null` values.
//! - The reported invalid fields are members of the body or missing required ones, in alphabetical order.

use std::collections::BTreeSet;

use functions::clients::Client;
use functions::personal_questions::PersonalQuestion;
use functions::properties::changes::{Changes, MAX_CHANGES};
use serde_json::{Map, Value};
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::http::Response;
use shared::http::body::object;
use shared::http::json::parse_object;
use shared::ids::ClientExtId;

use crate::service::{SETTINGS, request};

/// External identifier that is generated if the body has none.
const NEW_ID: &str = "new-id";
/// Maximum length of an error response, which quotes the body: a factor of the body length, plus a constant
/// number of bytes.
const MAX_RESPONSE: (usize, usize) = (64, 4096);

/// Checks the parsers with a media type and a body.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let place = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (media_type, body) =
        (String::from_utf8_lossy(&input[..place]), input.get(place + 1..).unwrap_or_default());
    let members = match object(&request(&[("Content-Type", &media_type)], body)) {
        Ok(members) => members,
        Err(error) => return assert_eq!(error, expected_error(&media_type, body)),
    };
    assert!(
        is_json(&media_type) && parse_object(body).as_ref() == Ok(&members),
        "the parsed body differs from the reference"
    );
    assert_parsed(&members, client(&members), &["name"]);
    assert_parsed(&members, question(&members), &["stateName"]);
    assert_parsed(&members, changes(&members), &[]);
}

/// Returns the expected error for a body that is not accepted.
fn expected_error(media_type: &str, body: &[u8]) -> ApiError {
    if !is_json(media_type) {
        ApiError::UnsupportedMediaType
    } else if body.trim_ascii().is_empty() {
        ApiError::EmptyBody
    } else {
        assert!(parse_object(body).is_err(), "a valid object was rejected");
        ApiError::MalformedJson
    }
}

/// Returns true if a media type is JSON in UTF-8, independently of the service's parser.
fn is_json(media_type: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    let mut parts = lower.split(';').map(|part| part.trim_matches([' ', '\t']));
    !lower.contains(',')
        && parts.next() == Some("application/json")
        && parts.all(|part| {
            part.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        })
}

/// A parsed body, serialised again, or the error.
type Parsed = Result<Value, ApiError>;

fn client(members: &Map<String, Value>) -> Parsed {
    let client = Client::read_new(Fields::new(members.clone(), &SETTINGS), || NEW_ID.to_owned())?;
    // Responses lack the remarks.
    let members = client.key_members().into_iter().chain(client.members());
    Ok(Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect()))
}

fn question(members: &Map<String, Value>) -> Parsed {
    let (client, fields) = (ClientExtId::unchecked("100"), Fields::new(members.clone(), &SETTINGS));
    Ok(PersonalQuestion::read_new(client, fields, || NEW_ID.to_owned())?.show())
}

/// Returns the members of the body if they parse as changes. Only the names of changes can be compared, so
/// the values are those of the body.
fn changes(members: &Map<String, Value>) -> Parsed {
    let changes = Changes::read(members.clone())?;
    assert!(
        changes.names().eq(members.keys().collect::<BTreeSet<_>>()),
        "the changed properties differ from the body"
    );
    assert!(
        members.len() <= MAX_CHANGES && members.values().all(|value| value.is_string() || value.is_null())
    );
    Ok(Value::Object(members.clone()))
}

/// Asserts that an accepted body round-trips, and that a rejection names members of the body.
fn assert_parsed(members: &Map<String, Value>, parsed: Parsed, required: &[&str]) {
    match parsed {
        Ok(written) => {
            let mut expected = Value::Object(members.clone());
            if let Some(name) = written.get("extId").filter(|name| *name == NEW_ID) {
                expected["extId"] = name.clone();
            }
            assert_eq!(stripped(written), stripped(expected));
        }
        Err(error) => {
            let size: usize = members.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
            let length = Response::from(&error).body.map_or(0, |body| body.to_string().len());
            assert!(length <= MAX_RESPONSE.0 * size + MAX_RESPONSE.1, "{length} bytes in response to {size}");
            if let ApiError::InvalidFields(names) = error {
                assert!(!names.is_empty() && names.is_sorted(), "{names:?}");
                let known = |name: &String| {
                    let first = name.split('.').next().unwrap_or_default();
                    required.contains(&name.as_str())
                        || members.contains_key(name)
                        || members.contains_key(first)
                };
                assert!(names.iter().all(known), "not all of {names:?} are in the body");
            }
        }
    }
}

/// Removes `null` values, and objects that are empty then.
fn stripped(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let members = members.into_iter().map(|(name, value)| (name, stripped(value)));
    let is_significant =
        |value: &Value| !value.is_null() && value.as_object().is_none_or(|members| !members.is_empty());
    Value::Object(members.filter(|(_, value)| is_significant(value)).collect())
}
