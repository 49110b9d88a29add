//! Export of a table as JSON Lines.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use shared::clock::Deadline;
use shared::clock::Random;
use shared::ids::ClientExtId;
use shared::table::{Item, Table, TableError};

use crate::error::Error;
use crate::import::explain;
use crate::records::{Found, Record};
use crate::table::is_empty;

/// The maximum duration of an export.
const MAX_EXPORT_DURATION: Duration = Duration::from_hours(1);

/// Writes the lines of the table `name` to `output`.
///
/// The order is deterministic, and the lines can be imported in this order. If `only` is a client, writes
/// the lines of that client and of the objects above clients, so that they can be imported elsewhere.
///
/// # Errors
/// [`Error::Table`] if the table cannot be read or contains unknown items, [`Error::Stream`] if the output
/// cannot be written.
pub async fn export_lines(
    client: Client,
    name: &str,
    only: Option<&ClientExtId>,
    output: &mut impl Write,
) -> Result<(), Error> {
    // Unlike the scan below, this call reports the full error if the table is not available.
    is_empty(&client, name).await?;
    let table = Table::new(client, name, Random::system());
    let items = table.scan(Deadline::after(MAX_EXPORT_DURATION)).await;
    let lines = items.and_then(|items| lines_of(items, only)).map_err(unreadable)?;
    for line in lines {
        let text = line.to_json().map_err(|error| Error::table("writing a line", &error))?;
        writeln!(output, "{text}").map_err(unwritable)?;
    }
    output.flush().map_err(unwritable)
}

fn lines_of(items: Vec<Item>, only: Option<&ClientExtId>) -> Result<Vec<Record>, TableError> {
    let mut keyed = HashMap::with_capacity(items.len());
    for item in items {
        keyed.insert(item.key()?, item);
    }
    let found = Found::new(keyed);
    let mut lines = Vec::new();
    for item in found.items() {
        lines.extend(Record::of_item(item, &found)?);
    }
    if only.is_some() {
        lines.retain(|line| line.kind().client().is_none_or(|client| Some(client) == only));
    }
    lines.sort_by_cached_key(|line| (line.rank(), line.kind().order()));
    Ok(lines)
}

fn unreadable(error: TableError) -> Error {
    Error::Table(explain(error).to_owned())
}

fn unwritable(reason: std::io::Error) -> Error {
    Error::Stream { name: "the output".to_owned(), reason }
}
