//! What a function does once for nobody while it starts.
//!
//! The first request of a function takes longer than the second: code is read from the disk when it
//! is first run, and tables are set up when they are first asked. What can happen before a caller
//! waits does: a request that no key has signed goes the whole way, up to its refusal.

use serde_json::json;

use crate::answer::answer_event;
use crate::app::App;
use crate::http::{BASE_PATH, Entry, Operation};
use crate::table::Deadline;

/// A token of each kind that is common, with no claim and with a signature that is none: both halves
/// are the number one, for which a check goes to its end.
pub(crate) const TOKENS: [&str; 2] = [
    "eyJhbGciOiJFZERTQSJ9.e30.\
     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ",
    "eyJhbGciOiJFUzI1NiJ9.e30.\
     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ",
];

/// Refuses requests to an operation that nobody has sent. The table is not asked; what is logged of an
/// answer goes where the service's lines go, which is nowhere as long as it has not been told.
pub(crate) async fn rehearse(app: &App, operation: &Operation, deadline: Deadline) {
    let Entry::Admitted { .. } = operation.entry else {
        // It refuses nobody, and would ask the table.
        return;
    };
    for token in TOKENS {
        let event = json!({
            "httpMethod": operation.method.as_str(),
            "path": format!("{BASE_PATH}{}", operation.path),
            "headers": {"authorization": format!("Bearer {token}"), "content-type": "application/json"},
            "requestContext": {"domainName": "localhost"},
            "body": "{}",
        });
        answer_event(app, [operation], &event.to_string(), ("rehearsal", None), deadline).await;
    }
}
