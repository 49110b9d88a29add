//! The reader of a gateway's events, and the way of a request to its refusal. The input is the event.
//!
//! The request has the method, headers and body of the event, read once more. Without a token that is
//! believed nobody is admitted, and the answer is one that the gateway takes, a refusal of the contract
//! in JSON; one line of JSON is logged.

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
use shared::operation::{Entry, Operation};
use shared::service::App;

use crate::service::{clock, config, random};

/// The statuses of a caller who is not admitted.
const REFUSALS: [u64; 5] = [400, 401, 404, 405, 413];
/// How much longer than the event its answer and the line in the log may be, in bytes.
const ADDED: usize = 2048;

/// The lines that were logged.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

static APP: LazyLock<App> = LazyLock::new(|| {
    // Nobody is admitted, so no call is made to the table.
    let client = local::engine::client("http://127.0.0.1:9");
    let fetch: Fetch = Arc::new(|_| Box::pin(async { None }));
    let app = App::new(config(), client, &fetch, clock(), random());
    app.log_requests_to(|line| lines().push(line.to_owned()))
});

fn lines() -> std::sync::MutexGuard<'static, Vec<String>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks the reader with one event.
///
/// # Panics
/// When it does not hold.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let incoming = Event::read(text).and_then(|event| event.into_raw_request("delivery-1"));
    if let (Some(incoming), Ok(event)) = (&incoming, serde_json::from_str(text)) {
        demand_as_told(incoming, &event);
    }
    demand_refusal(text, incoming.is_some());
}

/// Demands that a request is what its event tells.
fn demand_as_told(incoming: &RawRequest, event: &Value) {
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

/// The headers of an event, in order: those that stand in lists, and those that stand nowhere else.
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

/// Demands a refusal, and one line about it.
fn demand_refusal(text: &str, is_request: bool) {
    let operations = OPERATIONS.into_iter().filter(|operation| needs_caller(operation));
    let deadline = Deadline::after(Duration::from_secs(10));
    lines().clear();
    let answer = respond_to_event(&APP, operations, text, ("delivery-1", None), deadline);
    let answer = answer.now_or_never().expect("nothing to wait for");
    let status = answer["statusCode"].as_u64().unwrap_or_default();
    assert!(REFUSALS.contains(&status) && (is_request || status == 400), "{answer}");
    let body = answer["body"].as_str().unwrap_or_default();
    let body_read: Value = serde_json::from_str(body).expect("a body of JSON");
    assert!(body_read["errors"][0]["code"].is_string(), "{answer}");
    let logged = std::mem::take(&mut *lines());
    let [line] = logged.as_slice() else { panic!("{} lines instead of one", logged.len()) };
    let line_read: Value = serde_json::from_str(line).expect("a line of JSON");
    assert_eq!(line_read["status"], status);
    for written in [body, line] {
        assert!(!written.contains('\n') && written.len() <= text.len() + ADDED, "{} bytes", written.len());
    }
}

fn needs_caller(operation: &Operation) -> bool {
    matches!(operation.entry, Entry::Authenticated { .. })
}
