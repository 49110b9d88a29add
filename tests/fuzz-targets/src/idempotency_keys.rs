//! `Idempotency-Key` and the responses that are stored under it. The input is two keys, each followed by the
//! body of its request. The separator is the byte 255, which never occurs in UTF-8.
//!
//! Invariants:
//!
//! - A key has 1 to 255 visible ASCII characters.
//! - Two responses are stored at the same place if and only if the keys are equal.
//! - A repeated request gets the stored response. A different request with the same key is rejected.

use serde_json::json;
use shared::error::ApiError;
use shared::http::{Request, Response};
use shared::service::idempotency::{IDEMPOTENCY_KEY, Idempotency, MAX_KEY};
use shared::table::{Item, Stamp};

use crate::service::{now, request};

/// Checks two keys and their requests.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let parts: Vec<String> =
        input.split(|byte| *byte == 255).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let part = |place: usize| parts.get(place).map_or("", String::as_str);
    let (one, other) = (of(part(0), part(1)), of(part(2), part(3)));
    let (Some(one), Some(other)) = (one, other) else { return };
    let [key, other_key] = [part(0), part(2)].map(trimmed);
    assert_eq!(one.key() == other.key(), key == other_key, "{key:?} and {other_key:?}");
    assert_replayed(&one, part(1));
    if key == other_key && part(1) != part(3) {
        let item = stored(&one, &Response::no_content());
        assert_eq!(other.response(&item), Err(ApiError::IdempotencyKeyReused));
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

/// Parses the key of a request with this body. Returns `None` if the key is invalid and is rejected as
/// required.
fn of(key: &str, body: &str) -> Option<Idempotency> {
    let request: Request = request(&[("Idempotency-Key", key)], body.as_bytes());
    let found = Idempotency::of(&request, "create-client", "100/admin", now());
    let is_key = (1..=MAX_KEY).contains(&trimmed(key).len())
        && trimmed(key).bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if is_key {
        Some(found.expect("a valid key").expect("a key"))
    } else {
        assert_eq!(found.err(), Some(IDEMPOTENCY_KEY), "{key:?}");
        None
    }
}

/// Asserts that a stored response is returned unchanged, whatever its body contains.
fn assert_replayed(one: &Idempotency, text: &str) {
    let body = json!({"text": text});
    let response = Response::created(format!("https://id.example/{text}"), text, Some(body));
    let item = stored(one, &response);
    assert_eq!(one.response(&item), Ok(Some(response)));
}

/// Returns the stored item of a response.
fn stored(one: &Idempotency, response: &Response) -> Item {
    let stamp = Stamp { now: now(), by: "100/admin".to_owned(), request: "r".to_owned() };
    one.item(response).as_stored(&stamp)
}
