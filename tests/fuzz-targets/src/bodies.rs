//! The readers of bodies. The input is a media type, a line break, and a body.
//!
//! Only JSON in UTF-8 is read, and what is wrong is told in the order of the contract. What a reader
//! accepts is all that stands in the body: written again it is the same but for what is `null`. What it
//! refuses are members of the body, or ones that it lacks, in alphabetical order.

use std::collections::BTreeSet;

use functions::clients::Client;
use functions::mobile_signature::changes::{Changes, MAX_CHANGES};
use functions::personal_questions::PersonalQuestion;
use serde_json::{Map, Value};
use shared::entity::{Entity as _, Fields};
use shared::error::ApiError;
use shared::http::Response;
use shared::http::body::object;
use shared::http::json::parse_object;
use shared::ids::ClientExtId;

use crate::service::{SETTINGS, request};

/// The name of what has none.
const NEW_ID: &str = "new-id";
/// How long a refusal may be: so many times the body, which it quotes in JSON, and so many bytes.
const LONGEST: (usize, usize) = (64, 4096);

/// Checks the readers with one media type and body.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let place = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (media_type, body) =
        (String::from_utf8_lossy(&input[..place]), input.get(place + 1..).unwrap_or_default());
    let members = match object(&request(&[("Content-Type", &media_type)], body)) {
        Ok(members) => members,
        Err(error) => return assert_eq!(error, refusal(&media_type, body)),
    };
    assert!(is_json(&media_type) && parse_object(body).as_ref() == Ok(&members), "another body is read");
    require(&members, client(&members), &["name"]);
    require(&members, question(&members), &["stateName"]);
    require(&members, changes(&members), &[]);
}

/// The refusal of a body that is not read.
fn refusal(media_type: &str, body: &[u8]) -> ApiError {
    if !is_json(media_type) {
        ApiError::UnsupportedMediaType
    } else if body.trim_ascii().is_empty() {
        ApiError::EmptyBody
    } else {
        assert!(parse_object(body).is_err(), "an object is refused");
        ApiError::MalformedJson
    }
}

/// Whether a media type is JSON in UTF-8, told once more.
fn is_json(media_type: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    let mut parts = lower.split(';').map(|part| part.trim_matches([' ', '\t']));
    parts.next() == Some("application/json")
        && parts.all(|part| {
            part.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        })
}

/// What a reader made of a body, written again, or its refusal.
type Read = Result<Value, ApiError>;

fn client(members: &Map<String, Value>) -> Read {
    Ok(Client::read_new(Fields::new(members.clone(), &SETTINGS), || NEW_ID.to_owned())?.show())
}

fn question(members: &Map<String, Value>) -> Read {
    let (client, fields) = (ClientExtId::unchecked("100"), Fields::new(members.clone(), &SETTINGS));
    Ok(PersonalQuestion::read_new(client, fields, || NEW_ID.to_owned())?.show())
}

/// Of changes only the names can be told, so that their values are taken from the body.
fn changes(members: &Map<String, Value>) -> Read {
    let changes = Changes::read(members.clone())?;
    assert!(changes.names().eq(members.keys().collect::<BTreeSet<_>>()), "other properties are changed");
    assert!(
        members.len() <= MAX_CHANGES && members.values().all(|value| value.is_string() || value.is_null())
    );
    Ok(Value::Object(members.clone()))
}

/// Demands that what was read is all of the body, and that a refusal names members of it.
fn require(members: &Map<String, Value>, read: Read, required: &[&str]) {
    match read {
        Ok(written) => {
            let mut expected = Value::Object(members.clone());
            if let Some(name) = written.get("extId").filter(|name| *name == NEW_ID) {
                expected["extId"] = name.clone();
            }
            assert_eq!(stripped(written), stripped(expected));
        }
        Err(error) => {
            let size: usize = members.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
            let answer = Response::from(&error).body.map_or(0, |body| body.to_string().len());
            assert!(answer <= LONGEST.0 * size + LONGEST.1, "{answer} bytes to {size}");
            if let ApiError::InvalidFields(names) = error {
                assert!(!names.is_empty() && names.is_sorted(), "{names:?}");
                let known = |name: &String| {
                    let first = name.split('.').next().unwrap_or_default();
                    required.contains(&name.as_str())
                        || members.contains_key(name)
                        || members.contains_key(first)
                };
                assert!(names.iter().all(known), "{names:?} are not all in the body");
            }
        }
    }
}

/// The value without what says nothing: `null`, and maps that are empty then.
fn stripped(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let members = members.into_iter().map(|(name, value)| (name, stripped(value)));
    let said =
        |value: &Value| !value.is_null() && value.as_object().is_none_or(|members| !members.is_empty());
    Value::Object(members.filter(|(_, value)| said(value)).collect())
}
