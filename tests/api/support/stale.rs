//! A table whose items are always modified concurrently.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use super::intercept::changing_inputs;

/// Makes the next transactions fail as if the items had changed since they were read: the
/// conditions compare with an outdated version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stale {
    left: Arc<AtomicU32>,
    made: Arc<AtomicU32>,
}

impl Stale {
    /// Returns the client with its transactions changed.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        let stale = self.clone();
        changing_inputs(client, move |input: &mut TransactWriteItemsInput| {
            stale.made.fetch_add(1, Ordering::SeqCst);
            let take = |left: u32| left.checked_sub(1);
            if stale.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                input.transact_items.iter_mut().flatten().for_each(make_stale);
            }
        })
    }

    /// Makes this number of transactions fail and resets the count.
    pub(crate) fn next(&self, count: u32) {
        self.left.store(count, Ordering::SeqCst);
        self.made.store(0, Ordering::SeqCst);
    }

    /// Returns the number of transactions since then.
    pub(crate) fn made(&self) -> u32 {
        self.made.load(Ordering::SeqCst)
    }
}

/// Changes the revision or version with which the condition of an action compares.
fn make_stale(item: &mut TransactWriteItem) {
    if let Some(update) = &mut item.update {
        change(update.condition_expression.as_deref(), &mut update.expression_attribute_values);
    }
    if let Some(delete) = &mut item.delete {
        change(delete.condition_expression.as_deref(), &mut delete.expression_attribute_values);
    }
    if let Some(check) = &mut item.condition_check {
        change(Some(&check.condition_expression), &mut check.expression_attribute_values);
    }
}

fn change(condition: Option<&str>, values: &mut Option<HashMap<String, AttributeValue>>) {
    let compared = |condition: &'_ str| -> Option<String> {
        let (_, reference) =
            ["evision = ", "ersion = "].iter().find_map(|name| condition.split_once(name))?;
        reference.split([' ', ')']).next().map(str::to_owned)
    };
    let Some(reference) = condition.and_then(compared) else { return };
    let value = values.as_mut().and_then(|values| values.get_mut(&reference)).expect("a value");
    *value = match value {
        AttributeValue::N(_) => AttributeValue::N("99".to_owned()),
        _ => AttributeValue::S("the one before".to_owned()),
    };
}
