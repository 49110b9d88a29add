//! Creation and checks of the table.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, StreamSpecification};
use shared::clock::Deadline;
use shared::table::{Item, Key, Table, TableError};

use crate::error::Error;
use crate::template::{TEMPLATE, TableDefinition};

/// How long to wait until a new table is ready.
const TABLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Creates the table `name` as defined by `template.yaml`, unless it exists.
///
/// # Errors
/// [`Error::Template`] if the template does not define the table. [`Error::Table`] if the endpoint does not
/// respond, or the table exists with a different key schema.
pub async fn make(client: &Client, name: &str) -> Result<(), Error> {
    let definition = TableDefinition::from_template(TEMPLATE)?;
    let created = client
        .create_table()
        .table_name(name)
        .set_key_schema(Some(definition.key_schema.clone()))
        .set_attribute_definitions(Some(definition.attribute_definitions))
        .billing_mode(definition.billing_mode)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), CreateTableError::ResourceInUseException(_)) => {}
        Err(error) => return Err(Error::response("creating the table", &error)),
    }
    let table = client
        .wait_until_table_exists()
        .table_name(name)
        .wait(TABLE_TIMEOUT)
        .await
        .map_err(|error| Error::table("waiting for the table", &error))?
        .into_result()
        .map_err(|error| Error::response("waiting for the table", &error))?;
    let key_schema = table.table().map(|table| table.key_schema().to_vec());
    if key_schema.as_ref() == Some(&definition.key_schema) {
        Ok(())
    } else {
        Err(Error::Table(format!("the key schema of the existing table {name} differs from template.yaml")))
    }
}

/// Deletes the table `name` with all its items, and creates it again.
///
/// # Errors
/// [`Error::Table`] if the table cannot be deleted, and the errors of [`make`].
pub(crate) async fn clear(client: &Client, name: &str) -> Result<(), Error> {
    let deleted = client.delete_table().table_name(name).send().await;
    deleted.map_err(|error| Error::response("deleting the table", &error))?;
    make(client, name).await
}

/// Gives the table `name` a stream as defined by `template.yaml`, unless it has one.
///
/// # Errors
/// [`Error::Table`] if the endpoint does not respond.
pub async fn enable_stream(client: &Client, name: &str) -> Result<(), Error> {
    let table = client
        .describe_table()
        .table_name(name)
        .send()
        .await
        .map_err(|error| Error::response("reading the definition of the table", &error))?;
    let stream = table.table().and_then(|table| table.stream_specification());
    if stream.is_some_and(StreamSpecification::stream_enabled) {
        return Ok(());
    }
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(TableDefinition::from_template(TEMPLATE)?.stream_view_type)
        .build()
        .map_err(|error| Error::table("enabling the stream of the table", &error))?;
    let enabled = client.update_table().table_name(name).stream_specification(stream).send().await;
    enabled.map(drop).map_err(|error| Error::response("enabling the stream of the table", &error))
}

/// Returns true if the table `name` has no items.
///
/// # Errors
/// [`Error::Table`] if the table cannot be read.
pub async fn is_empty(client: &Client, name: &str) -> Result<bool, Error> {
    let page = client
        .scan()
        .table_name(name)
        .limit(1)
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Error::response("reading the table", &error))?;
    Ok(page.items().is_empty())
}

/// Reads the items at distinct keys, except those that are being deleted. See [`Table::get_all`].
///
/// # Errors
/// See [`TableError`].
pub(crate) async fn get_existing(
    table: &Table,
    deadline: Deadline,
    keys: &[Key],
) -> Result<HashMap<Key, Item>, TableError> {
    let mut found = table.get_all(deadline, &keys.iter().collect::<Vec<_>>()).await?;
    found.retain(|_, item| !item.is_being_deleted());
    Ok(found)
}

/// Reads a key without an item from the table `name`. Unlike the operations, reports the full error if the
/// table is not available.
///
/// # Errors
/// [`Error::Table`] if the request fails.
pub(crate) async fn probe(client: &Client, name: &str) -> Result<(), Error> {
    let key = ["PK", "SK"].map(|name| (name.to_owned(), AttributeValue::S("PROBE".to_owned())));
    let keys = KeysAndAttributes::builder()
        .keys(key.into())
        .build()
        .map_err(|error| Error::table("probing the table", &error))?;
    let answer = client.batch_get_item().request_items(name, keys).send().await;
    answer.map(|_| ()).map_err(|error| Error::response("probing the table", &error))
}
