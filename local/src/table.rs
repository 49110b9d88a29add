//! The one table, made where it is not there yet.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::error::Error;
use crate::template::{TEMPLATE, TableDefinition};

/// How long a new table may take until it can be used.
const TABLE_TIME: Duration = Duration::from_mins(1);

/// Makes the table `name` as `template.yaml` describes it, unless it is there.
///
/// # Errors
/// [`Error::Template`] when the template does not describe the table,
/// [`Error::Table`] when the endpoint does not answer, or has a table of that
/// name with another key.
pub async fn make(client: &Client, name: &str) -> Result<(), Error> {
    let definition = TableDefinition::from_template(TEMPLATE)?;
    let made = client
        .create_table()
        .table_name(name)
        .set_key_schema(Some(definition.key_schema.clone()))
        .set_attribute_definitions(Some(definition.attribute_definitions))
        .billing_mode(definition.billing_mode)
        .send()
        .await;
    match made {
        Ok(_) => {}
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), CreateTableError::ResourceInUseException(_)) => {}
        Err(error) => return Err(Error::answer("making the table", &error)),
    }
    let table = client
        .wait_until_table_exists()
        .table_name(name)
        .wait(TABLE_TIME)
        .await
        .map_err(|error| Error::table("waiting for the table", &error))?
        .into_result()
        .map_err(|error| Error::answer("waiting for the table", &error))?;
    let key_schema = table.table().map(|table| table.key_schema().to_vec());
    if key_schema.as_ref() == Some(&definition.key_schema) {
        Ok(())
    } else {
        Err(Error::Table(format!("the table {name} is there, with another key than in template.yaml")))
    }
}

/// Tells whether the table `name` holds no item at all.
///
/// # Errors
/// [`Error::Table`] when it cannot be read.
pub async fn is_empty(client: &Client, name: &str) -> Result<bool, Error> {
    let page = client
        .scan()
        .table_name(name)
        .limit(1)
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| Error::answer("reading the table", &error))?;
    Ok(page.items().is_empty())
}

/// Looks up a key that no item has: what keeps the table `name` from answering is then told in full,
/// which the operations do not.
///
/// # Errors
/// [`Error::Table`] when it does not answer.
pub(crate) async fn probe(client: &Client, name: &str) -> Result<(), Error> {
    let key = ["PK", "SK"].map(|name| (name.to_owned(), AttributeValue::S("PROBE".to_owned())));
    let keys = KeysAndAttributes::builder()
        .keys(key.into())
        .build()
        .map_err(|error| Error::table("asking the table", &error))?;
    let answer = client.batch_get_item().request_items(name, keys).send().await;
    answer.map(|_| ()).map_err(|error| Error::answer("asking the table", &error))
}
