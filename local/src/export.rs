//! Export of a table as JSON Lines.
//!
//! Neither the items nor the lines of a table have to fit into memory: pages of items become lines, which a
//! temporary database on disk sorts.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use aws_sdk_dynamodb::Client;
use functions::clients;
use functions::deletions::entry_lists;
use rusqlite::{Connection, params};
use shared::clock::Random;
use shared::ids::ClientExtId;
use shared::table::{Item, Key, Table, TableError};

use crate::check::{belongs_to, deletions};
use crate::error::Error;
use crate::records::{Found, Record};
use crate::scan::{page_deadline, unreadable, unsorted, unwritable};
use crate::table::{get_existing, is_empty};

/// An export in progress.
pub struct Export {
    table_name: String,
    only: Option<ClientExtId>,
    removed: Removed,
    lines: SortedLines,
    next: Next,
}

/// The partitions of the clients and users that are being deleted, of which operations show nothing.
struct Removed(HashSet<String>);

/// The part of the table that has not been read.
enum Next {
    /// The items after this key, or all.
    After(Option<Key>),
    /// No items.
    End,
}

impl Export {
    /// Begins an export of the table `name`. If `only` is a client, exports the lines of that client and of
    /// the objects above clients, so that they can be imported elsewhere. Leaves out clients and users that are being
    /// deleted.
    ///
    /// # Errors
    /// [`Error::Table`] if the table cannot be read, [`Error::UnknownClient`] if the client does not exist,
    /// [`Error::Stream`] if the temporary database cannot be created.
    pub async fn of(client: &Client, name: &str, only: Option<ClientExtId>) -> Result<Self, Error> {
        // Unlike the reads below, this call reports the full error if the table is not available.
        is_empty(client, name).await?;
        let table = Table::new(client.clone(), name, Random::system());
        let removed = Removed::read(&table).await.map_err(unreadable)?;
        if let Some(only) = &only {
            let key = clients::key(only);
            let [found] = table.get(page_deadline(), [&key]).await.map_err(unreadable)?;
            let found = found.filter(|_| !removed.0.contains(key.pk()));
            found.ok_or_else(|| Error::UnknownClient(only.to_string()))?;
        }
        let lines = SortedLines::new().map_err(unsorted)?;
        Ok(Self { table_name: name.to_owned(), only, removed, lines, next: Next::After(None) })
    }

    /// Reads the next page of the table. Returns true if more may follow. An object that is changed during
    /// the export is exported as it was before or after the change.
    ///
    /// # Errors
    /// [`Error::Table`] if the table cannot be read or contains unknown items, [`Error::Stream`] if the
    /// temporary database cannot be written.
    pub async fn read_page(&mut self, client: &Client) -> Result<bool, Error> {
        let Next::After(after) = &self.next else { return Ok(false) };
        let table = Table::new(client.clone(), &self.table_name, Random::system());
        let (items, next) = table.scan(page_deadline(), after.as_ref()).await.map_err(unreadable)?;
        let mut originals = Vec::with_capacity(items.len());
        for item in items {
            if item.copy_number().map_err(unreadable)? == 0 && !self.removed.has(&item) {
                originals.push(item);
            }
        }
        let records = records_of(&table, originals).await.map_err(unreadable)?;
        let is_wanted = |record: &&Record| {
            let client = record.kind().client();
            self.only.is_none() || client.is_none() || client == self.only.as_ref()
        };
        self.lines.add(records.iter().filter(is_wanted))?;
        self.next = next.map_or(Next::End, |key| Next::After(Some(key)));
        Ok(matches!(self.next, Next::After(_)))
    }

    /// Writes the lines. The order is deterministic, and the lines can be imported in this order.
    ///
    /// # Errors
    /// [`Error::Stream`] if the output cannot be written.
    pub fn write(&self, output: &mut impl Write) -> Result<(), Error> {
        self.lines.write(output)?;
        output.flush().map_err(unwritable)
    }
}

impl Removed {
    /// Reads the deletions that are under way.
    async fn read(table: &Table) -> Result<Self, TableError> {
        let mut removed = HashSet::new();
        for (partition, prefix) in entry_lists() {
            for entry in table.query(page_deadline(), &partition, prefix).await? {
                removed.extend(deletions::removed(&entry)?);
            }
        }
        Ok(Self(removed))
    }

    /// Returns true if an item belongs to one of them.
    fn has(&self, item: &Item) -> bool {
        // Most tables have no deletion under way, and need not pay for it.
        !self.0.is_empty() && belongs_to(item).iter().flatten().any(|partition| self.0.contains(partition))
    }
}

/// Writes the lines of the table `name` to `output`. See [`Export`].
///
/// # Errors
/// The errors of [`Export`].
pub async fn export_lines(
    client: Client,
    name: &str,
    only: Option<&ClientExtId>,
    output: &mut impl Write,
) -> Result<(), Error> {
    let mut export = Export::of(&client, name, only.cloned()).await?;
    while export.read_page(&client).await? {}
    export.write(output)
}

/// Returns the records of the items of a page. Reads items that a record needs from other pages.
async fn records_of(table: &Table, items: Vec<Item>) -> Result<Vec<Record>, TableError> {
    let mut keyed = HashMap::with_capacity(items.len());
    for item in items {
        keyed.insert(item.key()?, item);
    }
    let mut missing = Vec::new();
    for item in keyed.values() {
        missing.extend(Record::attached_key(item)?.filter(|key| !keyed.contains_key(key)));
    }
    let attached = get_existing(table, page_deadline(), &missing).await?;
    // The items from other pages are not exported here.
    let own: Vec<Key> = keyed.keys().cloned().collect();
    keyed.extend(attached);
    let found = Found::new(keyed);
    let mut records = Vec::new();
    for item in own.iter().filter_map(|key| found.at(key)) {
        records.extend(Record::of_item(item, &found)?);
    }
    Ok(records)
}

/// Lines in a temporary database, which SQLite stores on disk and deletes when it is closed.
struct SortedLines(Connection);

impl SortedLines {
    fn new() -> rusqlite::Result<Self> {
        let database = Connection::open("")?;
        database.execute_batch(
            "PRAGMA journal_mode = OFF;
             PRAGMA synchronous = OFF;
             CREATE TABLE lines (position BLOB NOT NULL, text TEXT NOT NULL);",
        )?;
        Ok(Self(database))
    }

    fn add<'a>(&mut self, records: impl Iterator<Item = &'a Record>) -> Result<(), Error> {
        let page = self.0.transaction().map_err(unsorted)?;
        let mut insert =
            page.prepare("INSERT INTO lines (position, text) VALUES (?1, ?2)").map_err(unsorted)?;
        for record in records {
            let text = record.to_json().map_err(|error| Error::table("writing a line", &error))?;
            insert.execute(params![position(record), text]).map_err(unsorted)?;
        }
        drop(insert);
        page.commit().map_err(unsorted)
    }

    fn write(&self, output: &mut impl Write) -> Result<(), Error> {
        let mut select = self.0.prepare("SELECT text FROM lines ORDER BY position").map_err(unsorted)?;
        let mut rows = select.query([]).map_err(unsorted)?;
        while let Some(row) = rows.next().map_err(unsorted)? {
            let text: String = row.get(0).map_err(unsorted)?;
            writeln!(output, "{text}").map_err(unwritable)?;
        }
        Ok(())
    }
}

/// Returns the position of a record in an export, as bytes in the order of their kind and sort key.
fn position(record: &Record) -> Vec<u8> {
    let kind = u8::try_from(record.rank()).unwrap_or(u8::MAX);
    let mut position = vec![kind];
    for part in record.kind().order() {
        // No part contains the separator, which precedes all other characters.
        position.extend(part.as_bytes());
        position.push(0);
    }
    position
}
