//! A table that does not check what it is asked to check.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::TransactWriteItem;

/// What is not checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Careless {
    /// That an item has the version that a change was decided on.
    Versions,
    /// That no item stands where a new one is put.
    Absence,
}

impl Careless {
    /// The client, with its transactions changed.
    pub(crate) fn watch(self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self).build())
    }

    fn loosen(self, item: &mut TransactWriteItem) {
        match self {
            Self::Versions => {
                let condition = item.update.as_mut().and_then(|update| update.condition_expression.as_mut());
                if let Some(condition) = condition {
                    *condition = condition.replace("ersion = ", "ersion >= ");
                }
            }
            Self::Absence => {
                if let Some(put) = &mut item.put {
                    put.condition_expression = None;
                    put.expression_attribute_names = None;
                    put.expression_attribute_values = None;
                }
            }
        }
    }
}

impl Intercept for Careless {
    fn name(&self) -> &'static str {
        "Careless"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(input) = context.input_mut().downcast_mut::<TransactWriteItemsInput>() {
            input.transact_items.iter_mut().flatten().for_each(|item| self.loosen(item));
        }
        Ok(())
    }
}
