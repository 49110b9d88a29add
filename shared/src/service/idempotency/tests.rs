//! Tests the scope of idempotency keys, the equality of requests, and the retention of responses.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::auth::Needs;
use crate::clock::Deadline;
use crate::http::{BASE_PATH, RawRequest, Target};
use crate::operation::route;
use crate::operation::tests::admitting;
use crate::table::tests::stamp;

/// The current time of all tests, in milliseconds since 1970.
const NOW: i64 = 1_800_000_000_000;

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).expect("a moment")
}

/// Returns a request to `/{client}/users/{user}` with these values of the header.
fn request(method: Method, keys: &[&str], client: &str, user: &str, body: &str) -> Request {
    let operation = admitting(method.clone(), "/{clientExtId}/users/{userExtId}", Needs::all(&[]), |_, _| {
        Box::pin(async { Ok(Response::no_content()) })
    });
    let raw = RawRequest {
        method,
        target: Target::Encoded(format!("{BASE_PATH}/{client}/users/{user}")),
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: keys.iter().map(|key| ("Idempotency-Key".to_owned(), (*key).to_owned())).collect(),
        body: Some(body.as_bytes().to_vec()),
        request_id: "request-1".to_owned(),
        trace_id: None,
    };
    route([&operation], raw, Deadline::after(Duration::from_secs(1))).expect("a route").1
}

fn post(key: &str, body: &str) -> Request {
    request(Method::POST, &[key], "100", "user-123", body)
}

/// Returns the idempotency key of a request at this time.
fn idempotency_at(request: &Request, millis: i64) -> Idempotency {
    let found = Idempotency::of(request, "operation", "100/admin", moment(millis));
    found.expect("a good key").expect("a key")
}

fn idempotency(request: &Request) -> Idempotency {
    idempotency_at(request, NOW)
}

#[test]
fn a_key_has_1_to_255_visible_ascii_characters() {
    let (longest, too_long) = ("k".repeat(255), "k".repeat(256));
    let rows: [(&[&str], bool); 13] = [
        (&["k"], true),
        (&["!~\"#/\\%;"], true),
        (&["8e03978e-40d5-43e8-bc93-6894a57f9324"], true),
        (&[&longest], true),
        (&[&too_long], false),
        (&[""], false),
        (&["a b"], false),
        (&["a\tb"], false),
        (&["a\u{7f}"], false),
        (&["ä"], false),
        (&["k", "k"], false),
        (&["k,k"], false),
        (&["k", ""], false),
    ];
    for (keys, expected) in rows {
        let request = request(Method::POST, keys, "100", "user-123", "");
        let found =
            Idempotency::of(&request, "operation", "100/admin", moment(NOW)).map(|found| found.is_some());
        assert_eq!(found, if expected { Ok(true) } else { Err(IDEMPOTENCY_KEY) }, "{keys:?}");
    }
}

#[test]
fn requests_without_the_header_and_reads_have_no_key() {
    for method in [Method::POST, Method::PATCH, Method::DELETE] {
        let request = request(method, &[], "100", "user-123", "");
        assert!(matches!(Idempotency::of(&request, "operation", "100/admin", moment(NOW)), Ok(None)));
    }
    for keys in [&[][..], &["k"], &["k", "k"], &[""]] {
        let request = request(Method::GET, keys, "100", "user-123", "");
        assert!(matches!(Idempotency::of(&request, "operation", "100/admin", moment(NOW)), Ok(None)));
    }
}

#[test]
fn keys_are_scoped_to_the_caller_and_the_operation() {
    let mut owners = BTreeSet::new();
    let rows = [
        ("create-client", "100/admin", "k"),
        ("create-consent", "100/admin", "k"),
        ("create-client", "200/admin", "k"),
        ("create-client", "100/admin2", "k"),
        ("create-client", "100/admin", "K"),
        ("create-client", "100/adm", "ink"),
        ("create-client", "100/admi", "nk"),
        ("create-client1", "00/admin", "k"),
    ];
    for (operation, caller, key) in rows {
        let found = Idempotency::of(&post(key, ""), operation, caller, moment(NOW));
        let key = found.expect("a good key").expect("a key").key().clone();
        assert!(
            key.pk().starts_with("IDEMPOTENCY#") && key.pk().len() == 12 + 64 && key.sk() == "IDEMPOTENCY"
        );
        owners.insert(key);
    }
    assert_eq!(owners.len(), rows.len());
    let elsewhere = request(Method::POST, &["k"], "200", "user-456", "{}");
    assert_eq!(idempotency(&elsewhere).key(), idempotency(&post("k", "")).key(), "whatever is asked for");
}

#[test]
fn requests_are_equal_if_path_query_and_body_are_equal() {
    let request = |client: &str, user: &str, body: &str| request(Method::POST, &["k"], client, user, body);
    let first = request("100", "user-123", r#"{"a":1}"#);
    let answer = Response::ok(json!({"a": 1}));
    let item = idempotency(&first).item(&answer).as_stored(&stamp());
    assert_eq!(idempotency(&first).response(&item), Ok(Some(answer.clone())));
    for (client, user, body) in [
        ("200", "user-123", r#"{"a":1}"#),
        ("100", "user-124", r#"{"a":1}"#),
        ("user-123", "100", r#"{"a":1}"#),
        ("100user-123", "x", r#"{"a":1}"#),
        ("100", "user-123%7B%22a%22%3A1%7D", ""),
        ("100", "user-12", r#"3{"a":1}"#),
        ("100", "user-123", r#"{"a":2}"#),
        ("100", "user-123", r#"{"a": 1}"#),
        ("100", "user-123", ""),
    ] {
        let other = request(client, user, body);
        let reused = idempotency(&other).response(&item);
        assert_eq!(reused, Err(ApiError::IdempotencyKeyReused), "{client} {user} {body}");
    }
}

#[test]
fn the_original_response_is_returned() {
    let at = || "https://id.example/v1/x".to_owned();
    for answer in [
        Response::ok(json!({"ä": [1, null, "\u{1f600}"], "b": {}})),
        Response::ok(json!({})),
        Response::created(at(), "x", None),
        Response::created(at(), "ä %", Some(json!({"defaultUnitExtId": "u"}))).with_etag(0),
        Response::no_content(),
    ] {
        let idempotency = idempotency(&post("k", "{}"));
        let item = idempotency.item(&answer).as_stored(&stamp());
        assert_eq!(item.key(), Ok(idempotency.key().clone()));
        assert_eq!(idempotency.response(&item), Ok(Some(answer)));
    }
}

#[test]
fn responses_are_stored_for_a_day_and_replaced_after_expiry() {
    let request = post("k", "{}");
    let item = idempotency(&request).item(&Response::no_content()).as_stored(&stamp());
    let end = 1_800_086_400;
    assert_eq!(item.number(EXPIRES), Ok(end));
    for (millis, given) in [(0, true), (86_399_999, true), (86_400_000, false), (90_000_000, false)] {
        let later = idempotency_at(&request, NOW + millis);
        assert_eq!(later.response(&item).map(|answer| answer.is_some()), Ok(given), "{millis} ms later");
        let Condition::AbsentOrNumberUpTo(attribute, limit) = later.condition() else {
            panic!("another condition: {:?}", later.condition());
        };
        assert_eq!((attribute, limit >= end), (EXPIRES, !given), "{millis} ms later");
    }
    let other = idempotency_at(&post("k", "{\"other\":1}"), NOW + 86_400_000);
    assert_eq!(other.response(&item), Ok(None), "expired responses are ignored");
}

#[test]
fn corrupt_items_are_internal_errors() {
    let idempotency = idempotency(&post("k", "{}"));
    let good = idempotency.item(&Response::no_content());
    let bare = NewItem::new(idempotency.key(), ENTITY_TYPE);
    for (name, item) in [
        ("nothing", bare.clone()),
        ("an end only", bare.with_number(EXPIRES, u64::MAX)),
        ("an invalid status", good.clone().with_number("status", 42)),
        ("a status beyond all", good.clone().with_number("status", 70_000)),
        ("a status that is a text", good.clone().with_text("status", "204")),
        ("a body that is not JSON", good.clone().with_text("body", "{")),
        ("a location that is a number", good.clone().with_number("location", 1)),
        ("an identifier that is a number", good.with_number("createdId", 1)),
    ] {
        assert_eq!(idempotency.response(&item.as_stored(&stamp())), Err(ApiError::Internal), "{name}");
    }
}
