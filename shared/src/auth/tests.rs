//! Key sets and requests for the tests of this module, all valid at the same time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use signing::{SigningKey, jwks};

use super::data_room::Needs;
use super::key_set::{KeySet, KeySource};
use super::keys::{ParsedKeys, Purpose, VerificationKey, parse_key_set};
use crate::clock::Deadline;
use crate::clock::Timestamp;
use crate::http::{BASE_PATH, Method, RawRequest, Request, Response, Target};
use crate::network::NetworkFailure;
use crate::operation::route;
use crate::operation::tests::admitting;

/// The current time of all tests, in seconds since 1970.
pub(crate) const NOW: i64 = 1_800_000_000;

/// Returns the current time of all tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_millis(NOW * 1000).expect("a moment")
}

fn parsed_keys(keys: &[&SigningKey], purpose: Purpose) -> ParsedKeys {
    parse_key_set(jwks(keys.iter().copied()).to_string().as_bytes(), purpose, &[]).expect("a key set")
}

/// Returns the verification keys of these signing keys.
pub(crate) fn verification_keys(keys: &[&SigningKey], purpose: Purpose) -> Vec<VerificationKey> {
    parsed_keys(keys, purpose).keys
}

/// Returns an inline key set of these keys.
pub(crate) fn key_set(keys: &[&SigningKey], purpose: Purpose) -> KeySet {
    let source = KeySource::Inline(parsed_keys(keys, purpose));
    KeySet::new(source, purpose, Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) })))
}

/// Returns a remote key set whose server cannot be reached.
pub(crate) fn unreachable_key_set(purpose: Purpose) -> KeySet {
    let source = KeySource::Remote("https://keys.example/jwks".to_owned());
    KeySet::new(source, purpose, Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) })))
}

/// Returns the object with a member set to a value, or removed if there is none.
pub(crate) fn with(object: &Value, name: &str, value: Option<Value>) -> Value {
    let mut members: Map<String, Value> = object.as_object().cloned().unwrap_or_default();
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    members.into()
}

/// Returns a request with these headers to an operation on the user `user-123` of the client `100`.
pub(crate) fn request(headers: &[(&str, &str)]) -> Request {
    let operation = admitting(Method::PATCH, "/{clientExtId}/users/{userExtId}", Needs::all(&[]), |_, _| {
        Box::pin(async { Ok(Response::no_content()) })
    });
    let raw = RawRequest {
        method: Method::PATCH,
        target: Target::Encoded(format!("{BASE_PATH}/100/users/user-123")),
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Some(Vec::new()),
        request_id: "request-1".to_owned(),
        trace_id: None,
    };
    route([&operation], raw, Deadline::after(Duration::from_secs(1))).expect("a route").1
}
