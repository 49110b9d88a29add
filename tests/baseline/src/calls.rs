//! The bare calls of an operation to the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use lambda_http::Error;

use crate::actions::Action;
use crate::operations;

/// Partition key and sort key. A part that ends with `#` ends with the id of the request.
pub(crate) type Key = (&'static str, &'static str);

/// A call to the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    /// Reads the items at these keys, with one call.
    Read(&'static [Key]),
    /// Reads the items of one partition whose sort keys begin so.
    Query(Key),
    /// Does all of these, or nothing.
    Write(&'static [Action]),
}

/// The calls of an operation, made over and over.
#[derive(Clone, Debug)]
pub struct Calls {
    client: Client,
    table: String,
    trips: &'static [&'static [Call]],
}

impl Calls {
    /// The calls of the operation of this name; `None` when there is none.
    #[must_use]
    pub fn of(operation: &str, client: Client, table: String) -> Option<Self> {
        Some(Self { client, table, trips: operations::trips(operation)? })
    }

    /// Opens the connection: asks for an item that is not there.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn open(&self) -> Result<(), Error> {
        self.call(&Call::Read(&[("NOTHING", "NOTHING")]), "").await
    }

    /// Makes the calls once, those of a trip at the same time. What they make is named by `id`.
    ///
    /// # Errors
    /// When the table does not answer, or refuses.
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
                let keys = keys.iter().map(|key| attributes(*key, id)).collect();
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
                let actions: Result<_, _> =
                    actions.iter().map(|action| action.build(&self.table, id)).collect();
                let write = self.client.transact_write_items().client_request_token(id);
                write.set_transact_items(Some(actions?)).return_consumed_capacity(total).send().await?;
            }
        }
        Ok(())
    }
}

/// A key as the table takes it.
pub(crate) fn attributes((partition, sort): Key, id: &str) -> HashMap<String, AttributeValue> {
    let part = |part: &str| text(&if part.ends_with('#') { format!("{part}{id}") } else { part.to_owned() });
    HashMap::from([("PK".to_owned(), part(partition)), ("SK".to_owned(), part(sort))])
}

/// A text as the table takes it.
pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
