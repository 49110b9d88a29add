//! A table whose queries come before what they would find.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;

use super::intercept::changing_outputs;

/// Answers the next query as if it had come before all that it would find.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlyQuery(Arc<AtomicBool>);

impl EarlyQuery {
    /// The client, with its queries answered so.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        let is_due = Arc::clone(&self.0);
        changing_outputs(client, move |output: &mut QueryOutput| {
            if is_due.swap(false, Ordering::SeqCst) {
                output.items = None;
            }
        })
    }

    /// The next query comes too early.
    pub(crate) fn next(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
