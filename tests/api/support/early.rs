//! A table whose queries come before what they would find.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::query::QueryOutput;

/// Answers the next query as if it had come before all that it would find.
#[derive(Clone, Debug, Default)]
pub(crate) struct EarlyQuery(Arc<AtomicBool>);

impl EarlyQuery {
    /// The client, with its queries answered so.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// The next query comes too early.
    pub(crate) fn next(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Intercept for EarlyQuery {
    fn name(&self) -> &'static str {
        "EarlyQuery"
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Ok(output)) = context.output_or_error_mut()
            && let Some(output) = output.downcast_mut::<QueryOutput>()
            && self.0.swap(false, Ordering::SeqCst)
        {
            output.items = None;
        }
        Ok(())
    }
}
