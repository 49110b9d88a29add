//! Parser of gateway events, and the rejection of requests without a valid token. The input is the event.
//!
//! Invariants:
//!
//! - The request has the method, headers and body of the event, according to an independent implementation.
//! - Without a valid token, every response is an error of the contract in JSON that the gateway accepts.
//! - One line of JSON is logged.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use functions::OPERATIONS;
use futures_util::FutureExt as _;
use serde_json::Value;
use shared::auth::key_set::Fetch;
use shared::clock::Deadline;
use shared::host::respond_to_event;
use shared::http::RawRequest;
use shared::http::event::Event;
use shared::network::NetworkFailure;
use shared::operation::{Entry, Operation};
use shared::service::App;

use crate::service::{clock, config, random};

/// Statuses of the responses to a caller without a valid token.
const REJECTIONS: [u64; 5] = [400, 401, 404, 405, 413];
/// Maximum number of bytes by which a response or a log line may exceed the event.
const MAX_ADDED: usize = 2048;

/// The logged lines.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

static APP: LazyLock<App> = LazyLock::new(|| {
    // Every request is rejected before the first table call, so the endpoint is never used.
    let client = local::engine::client("http://127.0.0.1:9");
    let fetch: Fetch = Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) }));
    let app = App::new(config(), client, &fetch, clock(), random());
    app.log_requests_to(|line| lines().push(line.to_owned()))
});

fn lines() -> std::sync::MutexGuard<'static, Vec<String>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks the parser with an event.
///
/// # Panics
/// If an invariant is violated.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let incoming = Event::read(text).and_then(|event| event.into_raw_request("delivery-1"));
    if let (Some(incoming), Ok(event)) = (&incoming, serde_json::from_str(text)) {
        assert_matches_event(incoming, &event);
    }
    assert_rejected(text, incoming.is_some());
}

/// Asserts that a request has the method, body and headers of its event.
fn assert_matches_event(incoming: &RawRequest, event: &Value) {
    let method = event["requestContext"]["http"]["method"].as_str().or(event["httpMethod"].as_str());
    assert_eq!(Some(incoming.method.as_str()), method);
    let body = event["body"].as_str().unwrap_or_default();
    let expected = match event["isBase64Encoded"] {
        Value::Bool(true) => STANDARD.decode(body).ok(),
        _ => Some(body.as_bytes().to_vec()),
    };
    assert_eq!(incoming.body, expected);
    let mut headers: Vec<(&str, &str)> =
        incoming.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.sort_unstable();
    assert_eq!(headers, headers_of(event));
}

/// Returns the sorted headers of an event: the multi-value headers, and the headers that are not among them.
fn headers_of(event: &Value) -> Vec<(&str, &str)> {
    let members = |name: &str| event[name].as_object().into_iter().flatten();
    let listed = members("multiValueHeaders").flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.filter_map(move |value| Some((name.as_str(), value.as_str()?)))
    });
    let alone = members("headers").filter_map(|(name, value)| {
        let is_listed = members("multiValueHeaders").any(|(other, _)| other.eq_ignore_ascii_case(name));
        Some((name.as_str(), value.as_str()?)).filter(|_| !is_listed)
    });
    let mut headers: Vec<_> = listed.chain(alone).collect();
    headers.sort_unstable();
    headers
}

/// Asserts that the event is rejected and that one line is logged.
fn assert_rejected(text: &str, is_request: bool) {
    let operations = OPERATIONS.into_iter().filter(|operation| needs_caller(operation));
    let deadline = Deadline::after(Duration::from_secs(10));
    lines().clear();
    let response = respond_to_event(&APP, operations, text, ("delivery-1", None), deadline);
    let response = response.now_or_never().expect("an immediate response");
    let status = response["statusCode"].as_u64().unwrap_or_default();
    assert!(REJECTIONS.contains(&status) && (is_request || status == 400), "{response}");
    let body = response["body"].as_str().unwrap_or_default();
    let body_read: Value = serde_json::from_str(body).expect("a JSON body");
    assert!(body_read["errors"][0]["code"].is_string(), "{response}");
    let logged = std::mem::take(&mut *lines());
    let [line] = logged.as_slice() else { panic!("{} lines were logged instead of one", logged.len()) };
    let line_read: Value = serde_json::from_str(line).expect("a JSON line");
    assert_eq!(line_read["status"], status);
    for written in [body, line] {
        assert!(
            !written.contains('\n') && written.len() <= text.len() + MAX_ADDED,
            "{} bytes",
            written.len()
        );
    }
}

fn needs_caller(operation: &Operation) -> bool {
    matches!(operation.entry, Entry::Authenticated { .. })
}
