//! What a function does once for nobody while it starts.
//!
//! The first request of a function takes longer than the second: code is read from the disk when it
//! is first run, and tables are set up when they are first asked. What can happen before a caller
//! waits does: a request that no key has signed goes the whole way, up to its refusal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::respond::respond_to_event;
use crate::clock::Deadline;
use crate::http::BASE_PATH;
use crate::operation::{Entry, Operation};
use crate::service::App;

/// A signature that is none, of the length that those of elliptic curves have: both halves are the
/// number one, for which a check goes to its end.
const SIGNATURE: &str =
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ";

/// A token that names an algorithm and claims nothing.
pub(crate) fn token(algorithm: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm}).to_string());
    format!("{header}.e30.{SIGNATURE}")
}

/// Refuses a request to an operation that nobody has sent. The table is not asked; what is logged of an
/// answer goes where the service's lines go, which is nowhere as long as it has not been told.
pub(crate) async fn warm_up(app: &App, operation: &Operation, deadline: Deadline) {
    let Entry::Authenticated { .. } = operation.entry else {
        // It refuses nobody, and would ask the table.
        return;
    };
    let token = token(app.algorithm().await.unwrap_or_default());
    let event = json!({
        "httpMethod": operation.method.as_str(),
        "path": format!("{BASE_PATH}{}", operation.path),
        "headers": {"authorization": format!("Bearer {token}"), "content-type": "application/json"},
        "requestContext": {"domainName": "localhost"},
        "body": "{}",
    });
    respond_to_event(app, [operation], &event.to_string(), ("rehearsal", None), deadline).await;
}
