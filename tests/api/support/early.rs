//! A table with queries that return no items.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;

use super::intercept::changing_outputs;

/// Removes the items from the result of the next query, as if it had been sent before they existed.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlyQuery(Arc<AtomicBool>);

impl EarlyQuery {
    /// Returns the client with its query results changed.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        let is_due = Arc::clone(&self.0);
        changing_outputs(client, move |output: &mut QueryOutput| {
            if is_due.swap(false, Ordering::SeqCst) {
                output.items = Some(Vec::new());
            }
        })
    }

    /// Empties the result of the next query.
    pub(crate) fn next(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
