//! Recorder of the calls to the table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use aws_smithy_runtime_api::client::interceptors::context::Input;

use super::intercept::intercepted;

/// Records the calls of a client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recording>>);

#[derive(Debug, Default)]
struct Recording {
    trips: Vec<Vec<String>>,
    keys: Vec<(&'static str, String)>,
    under_way: usize,
}

impl Recorder {
    /// Returns the client with its calls recorded.
    pub(crate) fn watch(&self, client: &Client) -> Client {
        intercepted(client, self.clone())
    }

    /// Returns the calls since the previous invocation, grouped into trips. The calls of one trip
    /// are concurrent.
    pub(crate) fn trips(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.recording().trips)
    }

    /// Returns the keys in the calls since the previous invocation, as `PK | SK`; for a query, the
    /// partition key.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.uses().into_iter().map(|(_, key)| key).collect()
    }

    /// Returns [`Recorder::keys`], each with what the call does there: `read`, `query` or the type of an action.
    pub(crate) fn uses(&self) -> Vec<(&'static str, String)> {
        std::mem::take(&mut self.recording().keys)
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut recording = self.recording();
        if recording.under_way == 0 {
            recording.trips.push(Vec::new());
        }
        recording.under_way += 1;
        let call = describe(context.input());
        recording.trips.last_mut().expect("a trip").push(call);
        recording.keys.extend(keys(context.input()));
        Ok(())
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.recording().under_way -= 1;
        Ok(())
    }
}

/// Describes a call: its type and the number of its items or its actions. Reads that are not
/// strongly consistent are marked.
fn describe(input: &Input) -> String {
    let weak = |consistent: Option<bool>| if consistent == Some(true) { "" } else { ", not consistent" };
    if let Some(input) = input.downcast_ref::<BatchGetItemInput>() {
        let mut tables = input.request_items.iter().flat_map(|tables| tables.values());
        let table = tables.next().expect("a table");
        return format!("BatchGetItem of {}{}", table.keys.len(), weak(table.consistent_read));
    }
    if let Some(input) = input.downcast_ref::<QueryInput>() {
        return format!("Query{}", weak(input.consistent_read));
    }
    if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        let actions: Vec<&str> = input.transact_items.iter().flatten().map(action).collect();
        return format!("TransactWriteItems of {}", actions.join(" "));
    }
    format!("{input:?}")
}

/// Returns the keys in a call, as `PK | SK`; for a query, the partition key. Each with what the call does there.
fn keys(input: &Input) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    if let Some(input) = input.downcast_ref::<BatchGetItemInput>() {
        let tables = input.request_items.iter().flat_map(|tables| tables.values());
        keys.extend(tables.flat_map(|table| &table.keys).map(|keys| ("read", key(keys))));
    }
    if let Some(input) = input.downcast_ref::<QueryInput>() {
        let values = input.expression_attribute_values.as_ref();
        keys.push(("query", text(values.and_then(|values| values.get(":pk"))).to_owned()));
    }
    if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        keys.extend(input.transact_items.iter().flatten().map(|item| {
            let key = match item {
                TransactWriteItem { condition_check: Some(check), .. } => key(&check.key),
                TransactWriteItem { put: Some(put), .. } => key(&put.item),
                TransactWriteItem { update: Some(update), .. } => key(&update.key),
                TransactWriteItem { delete: Some(delete), .. } => key(&delete.key),
                _ => panic!("an action of unknown type"),
            };
            (action(item), key)
        }));
    }
    keys
}

fn key(item: &HashMap<String, AttributeValue>) -> String {
    format!("{} | {}", text(item.get("PK")), text(item.get("SK")))
}

fn text(value: Option<&AttributeValue>) -> &str {
    value.and_then(|value| value.as_s().ok()).expect("a part of a key")
}

fn action(item: &TransactWriteItem) -> &'static str {
    match item {
        TransactWriteItem { condition_check: Some(_), .. } => "check",
        TransactWriteItem { put: Some(_), .. } => "put",
        TransactWriteItem { update: Some(_), .. } => "update",
        TransactWriteItem { delete: Some(_), .. } => "delete",
        _ => "nothing",
    }
}
