//! Warm-up of a function during its initialisation.
//!
//! The first request of a function is slower than the second: code is loaded from disk on first use,
//! and tables are built on first access. To avoid this, a request with an invalid signature is
//! processed up to its rejection before the first caller waits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::respond::respond_to_event;
use crate::clock::Deadline;
use crate::operation::{Entry, Operation};
use crate::service::App;

/// An invalid signature with the length of an elliptic-curve signature.
///
/// Both halves are the number one, so that verification runs to its end.
const SIGNATURE: &str =
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ";

/// Returns a token with this issuer as its only claim and this algorithm.
pub(crate) fn token((issuer, algorithm): (&str, &str)) -> String {
    let encoded = |object: Value| URL_SAFE_NO_PAD.encode(object.to_string());
    format!("{}.{}.{SIGNATURE}", encoded(json!({"alg": algorithm})), encoded(json!({"iss": issuer})))
}

/// Processes a request to an operation, which is rejected.
///
/// The table is not called. The request is not logged, because the request log has no output yet during
/// initialisation.
pub(crate) async fn warm_up(app: &App, operation: &Operation, deadline: Deadline) {
    let Entry::Authenticated { .. } = operation.entry else {
        // A public operation rejects no request and would call the table.
        return;
    };
    let token = token(app.issuer_and_algorithm().await.unwrap_or_default());
    let event = json!({
        "httpMethod": operation.method.as_str(),
        "path": operation.full_path(),
        "headers": {"authorization": format!("Bearer {token}"), "content-type": "application/json"},
        "requestContext": {"domainName": "localhost"},
        "body": "{}",
    });
    respond_to_event(app, [operation], &event.to_string(), ("warm-up", None), deadline).await;
}
