//! A table that does not check what it is asked to check.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::intercept::changing_inputs;

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
        changing_inputs(client, move |input: &mut TransactWriteItemsInput| {
            input.transact_items.iter_mut().flatten().for_each(|item| self.loosen(item));
        })
    }

    fn loosen(self, item: &mut TransactWriteItem) {
        match self {
            Self::Versions => {
                let condition = item.update.as_mut().and_then(|update| update.condition_expression.as_mut());
                if let Some(condition) = condition {
                    *condition = condition.replace("#revision = ", "#revision >= ");
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
