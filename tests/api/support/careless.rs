//! A table that ignores conditions.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::intercept::changing_inputs;

/// The conditions that are ignored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Careless {
    /// That an item is still as it was read.
    Versions,
    /// That no item exists at the key of a new one.
    Absence,
}

impl Careless {
    /// Returns the client with these conditions removed from its transactions.
    pub(crate) fn watch(self, client: &Client) -> Client {
        changing_inputs(client, move |input: &mut TransactWriteItemsInput| {
            input.transact_items.iter_mut().flatten().for_each(|item| self.loosen(item));
        })
    }

    fn loosen(self, item: &mut TransactWriteItem) {
        match self {
            Self::Versions => {
                let condition = item.update.as_mut().and_then(|update| update.condition_expression.as_mut());
                if let Some(condition) = condition {
                    *condition = condition
                        .replace("#revision = ", "#revision >= ")
                        .replace("AND #requestId = ", "OR #requestId = ");
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
