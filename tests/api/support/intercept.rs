//! Clients that change calls between the functions and the table.

use std::fmt;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextMut, FinalizerInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};

/// Returns the client with an interceptor.
pub(crate) fn intercepted(client: &Client, interceptor: impl Intercept + 'static) -> Client {
    Client::from_conf(client.config().to_builder().interceptor(interceptor).build())
}

/// Returns the client with every input of this type changed before it is sent.
pub(crate) fn changing_inputs<T: fmt::Debug + Send + Sync + 'static>(
    client: &Client,
    change: impl Fn(&mut T) + Send + Sync + 'static,
) -> Client {
    let input = move |input: &mut Input| input.downcast_mut::<T>().into_iter().for_each(&change);
    intercepted(client, Changes { input: Box::new(input), output: Box::new(|_| {}) })
}

/// Returns the client with every output of this type changed before it is returned.
pub(crate) fn changing_outputs<T: fmt::Debug + Send + Sync + 'static>(
    client: &Client,
    change: impl Fn(&mut T) + Send + Sync + 'static,
) -> Client {
    let output = move |output: &mut Output| output.downcast_mut::<T>().into_iter().for_each(&change);
    intercepted(client, Changes { input: Box::new(|_| {}), output: Box::new(output) })
}

struct Changes {
    input: Box<dyn Fn(&mut Input) + Send + Sync>,
    output: Box<dyn Fn(&mut Output) + Send + Sync>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Intercept for Changes {
    fn name(&self) -> &'static str {
        "Changes"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        (self.input)(context.input_mut());
        Ok(())
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Ok(output)) = context.output_or_error_mut() {
            (self.output)(output);
        }
        Ok(())
    }
}
