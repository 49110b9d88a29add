//! `Idempotency-Key` and the answers that are stored by it. The input is two keys, each with the body of
//! its request, with the byte 255 between them, which is in no text.
//!
//! A key is 1 to 255 visible ASCII characters; where an answer is stored is the same for the same key
//! only; what is stored is answered again to the same request and refused to another one.

use serde_json::json;
use shared::error::ApiError;
use shared::http::{Request, Response};
use shared::service::idempotency::{IDEMPOTENCY_KEY, Idempotency, MAX_KEY};
use shared::table::{Item, Stamp};

use crate::service::{now, request};

/// Checks two keys with their requests.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let parts: Vec<String> =
        input.split(|byte| *byte == 255).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let part = |place: usize| parts.get(place).map_or("", String::as_str);
    let (one, other) = (of(part(0), part(1)), of(part(2), part(3)));
    let (Some(one), Some(other)) = (one, other) else { return };
    let [key, other_key] = [part(0), part(2)].map(trimmed);
    assert_eq!(one.key() == other.key(), key == other_key, "{key:?} and {other_key:?}");
    demand_same_again(&one, part(1));
    if key == other_key && part(1) != part(3) {
        let item = stored(&one, &Response::no_content());
        assert_eq!(other.response(&item), Err(ApiError::IdempotencyKeyReused));
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

/// What a request with this key and body carries; none where it is refused as it has to be.
fn of(key: &str, body: &str) -> Option<Idempotency> {
    let request: Request = request(&[("Idempotency-Key", key)], body.as_bytes());
    let found = Idempotency::of(&request, "create-client", "100/admin", now());
    let is_key = (1..=MAX_KEY).contains(&trimmed(key).len())
        && trimmed(key).bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        Some(found.expect("a good key").expect("a key"))
    } else {
        assert_eq!(found.err(), Some(IDEMPOTENCY_KEY), "{key:?}");
        None
    }
}

/// Demands that an answer is given again as it was, whatever is in its body.
fn demand_same_again(one: &Idempotency, text: &str) {
    let body = json!({"text": text});
    let response = Response::created(format!("https://id.example/{text}"), Some(body));
    let item = stored(one, &response);
    assert_eq!(one.response(&item), Ok(Some(response)));
}

/// The item of an answer, as it is read again.
fn stored(one: &Idempotency, response: &Response) -> Item {
    let stamp = Stamp { now: now(), by: "100/admin".to_owned(), request: "r".to_owned() };
    one.item(response).as_stored(&stamp)
}
