//! The table calls of an operation, without any rules.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use lambda_http::Error;

use crate::actions::Action;
use crate::operations;

/// Partition key and sort key. The request ID is appended to a part that ends with `#`.
pub(crate) type Key = (&'static str, &'static str);

/// A table call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    /// Reads the items at these keys with one `BatchGetItem`.
    Read(&'static [Key]),
    /// Queries one partition by sort key prefix.
    Query(Key),
    /// Performs these actions in one transaction.
    Write(&'static [Action]),
}

/// The table calls of an operation.
#[derive(Clone, Debug)]
pub struct Calls {
    client: Client,
    table: String,
    trips: &'static [&'static [Call]],
}

impl Calls {
    /// Returns the calls of an operation, or `None` if the operation does not exist.
    #[must_use]
    pub fn of(operation: &str, client: Client, table: String) -> Option<Self> {
        Some(Self { client, table, trips: operations::trips(operation)? })
    }

    /// Opens the connection by reading an item that does not exist.
    ///
    /// # Errors
    /// If the read fails.
    pub async fn open(&self) -> Result<(), Error> {
        self.call(&Call::Read(&[("NOTHING", "NOTHING")]), "").await
    }

    /// Makes the calls once. The keys of created items end with `id`.
    ///
    /// # Errors
    /// If a call fails.
    pub async fn make(&self, id: &str) -> Result<(), Error> {
        for trip in self.trips {
            match trip {
                [first, second] => {
                    tokio::try_join!(self.call(first, id), self.call(second, id))?;
                }
                calls => {
                    for call in *calls {
                        self.call(call, id).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn call(&self, call: &Call, id: &str) -> Result<(), Error> {
        let total = ReturnConsumedCapacity::Total;
        match call {
            Call::Read(keys) => {
                let keys = keys.iter().map(|key| attributes(*key, 0, id)).collect();
                let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?;
                let read = self.client.batch_get_item().request_items(&self.table, keys);
                read.return_consumed_capacity(total).send().await?;
            }
            Call::Query((partition, prefix)) => {
                let query = self
                    .client
                    .query()
                    .table_name(&self.table)
                    .consistent_read(true)
                    .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
                    .expression_attribute_names("#pk", "PK")
                    .expression_attribute_names("#sk", "SK")
                    .expression_attribute_values(":pk", text(partition))
                    .expression_attribute_values(":sk", text(prefix));
                query.return_consumed_capacity(total).send().await?;
            }
            Call::Write(actions) => {
                let actions: Result<Vec<_>, _> =
                    actions.iter().map(|action| action.build(&self.table, id)).collect();
                let actions = actions?.into_iter().flatten().collect();
                let write = self.client.transact_write_items().client_request_token(id);
                write.set_transact_items(Some(actions)).return_consumed_capacity(total).send().await?;
            }
        }
        Ok(())
    }
}

/// Returns the key attributes of a copy of the item at a key.
pub(crate) fn attributes((partition, sort): Key, copy: u64, id: &str) -> HashMap<String, AttributeValue> {
    let part = |part: &str| if part.ends_with('#') { format!("{part}{id}") } else { part.to_owned() };
    let mut partition = part(partition);
    if copy > 0 {
        partition = format!("{partition}#COPY#{copy}");
    }
    HashMap::from([("PK".to_owned(), text(&partition)), ("SK".to_owned(), text(&part(sort)))])
}

/// Returns a string attribute value.
pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
