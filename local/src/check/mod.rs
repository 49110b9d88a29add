//! Consistency of the items of a table.
//!
//! Neither the items nor the findings have to fit into memory: each item becomes `Facts`, which
//! a temporary database on disk compares after the last one.

mod copies;
pub(crate) mod deletions;
mod facts;
mod findings;
mod rules;

use std::io::Write;

use aws_sdk_dynamodb::Client;
use rusqlite::{Connection, Statement, Transaction, params};
use shared::clock::Random;
use shared::table::item::ENTITY_TYPE;
use shared::table::{Item, Key, Table};

use self::facts::{Expectation, Facts, Requirement, Tolerance};
use self::rules::facts_of;
use crate::error::Error;
use crate::scan::{page_deadline, unreadable, unsorted, unwritable};
use crate::table::is_empty;

/// The tables of the temporary database. An item is looked up by its key only after all items have been added.
const SCHEMA: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE items (
        pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL, members TEXT NOT NULL, mark TEXT,
        count INTEGER, property INTEGER, rule TEXT, owner TEXT, client TEXT, user TEXT,
        count_client TEXT, count_user TEXT
    );
    CREATE TABLE expected (
        pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL, members TEXT, is_mark INTEGER NOT NULL, mark TEXT,
        owns INTEGER NOT NULL, counts INTEGER NOT NULL, rule TEXT NOT NULL, client TEXT, user TEXT,
        by_pk TEXT NOT NULL, by_sk TEXT NOT NULL
    );
    CREATE TABLE parts (pk TEXT NOT NULL, sk TEXT NOT NULL, kind TEXT NOT NULL);
    CREATE TABLE valued (
        pk TEXT NOT NULL, sk TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL,
        all_pk TEXT NOT NULL, all_sk TEXT NOT NULL, own_pk TEXT NOT NULL, own_sk TEXT NOT NULL,
        client TEXT, user TEXT
    );
    CREATE TABLE copies (pk TEXT NOT NULL, sk TEXT NOT NULL, copies INTEGER NOT NULL, members TEXT NOT NULL);
    CREATE TABLE deleting (scope TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE findings (
        rule TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL, text TEXT NOT NULL, client TEXT, user TEXT
    );";

/// A check in progress.
pub struct Check {
    database: Connection,
    items: usize,
}

/// The number of items of a table, and that of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The number of items.
    pub items: usize,
    /// The number of findings.
    pub findings: usize,
}

impl Check {
    /// Begins a check of items that are added later.
    ///
    /// # Errors
    /// [`Error::Stream`] if the temporary database cannot be created.
    pub fn new() -> Result<Self, Error> {
        let database = Connection::open("").map_err(unsorted)?;
        database.execute_batch(SCHEMA).map_err(unsorted)?;
        Ok(Self { database, items: 0 })
    }

    /// Adds items. Each item of a table must be added once.
    ///
    /// # Errors
    /// [`Error::Table`] if an item has no key, [`Error::Stream`] if the temporary database cannot be written.
    pub fn add(&mut self, items: &[Item]) -> Result<(), Error> {
        let page = self.database.transaction().map_err(unsorted)?;
        let mut rows = Rows::of(&page).map_err(unsorted)?;
        for item in items {
            let key = item.key().map_err(unreadable)?;
            if key.copies() > 1 {
                copies::add(&mut rows.copy, &key, item).map_err(unsorted)?;
            }
            if item.copy_number().map_err(unreadable)? > 0 {
                continue;
            }
            let kind = item.optional_text(ENTITY_TYPE).ok().flatten().unwrap_or_default();
            rows.add(&key, kind, &facts_of(item)).map_err(unsorted)?;
        }
        drop(rows);
        page.commit().map_err(unsorted)?;
        self.items += items.len();
        Ok(())
    }

    /// Compares the items, and writes a line for each finding, in the order of rules and keys.
    ///
    /// # Errors
    /// [`Error::Stream`] if the output or the temporary database cannot be written.
    pub fn write(&self, output: &mut impl Write) -> Result<Counts, Error> {
        findings::compare(&self.database).map_err(unsorted)?;
        let mut findings = 0;
        let mut select = self.database.prepare(findings::LINES).map_err(unsorted)?;
        let mut rows = select.query([]).map_err(unsorted)?;
        while let Some(row) = rows.next().map_err(unsorted)? {
            let line: String = row.get(0).map_err(unsorted)?;
            // A key can contain characters of an e-mail address that would break the line.
            let line = line.replace(char::is_control, "\u{fffd}");
            writeln!(output, "{line}").map_err(unwritable)?;
            findings += 1;
        }
        output.flush().map_err(unwritable)?;
        Ok(Counts { items: self.items, findings })
    }
}

/// A check of a table in progress.
pub struct TableCheck {
    table_name: String,
    check: Check,
    after: Option<Key>,
}

impl TableCheck {
    /// Begins a check of the table `name`.
    ///
    /// # Errors
    /// [`Error::Table`] if the table cannot be read, [`Error::Stream`] if the temporary database cannot be created.
    pub async fn of(client: &Client, name: &str) -> Result<Self, Error> {
        // Unlike the reads below, this call reports the full error if the table is not available.
        is_empty(client, name).await?;
        Ok(Self { table_name: name.to_owned(), check: Check::new()?, after: None })
    }

    /// Reads the next page of the table. Returns true if more may follow.
    ///
    /// # Errors
    /// [`Error::Table`] if the table cannot be read, [`Error::Stream`] if the temporary database cannot be written.
    pub async fn read_page(&mut self, client: &Client) -> Result<bool, Error> {
        let table = Table::new(client.clone(), &self.table_name, Random::system());
        let (items, next) = table.scan(page_deadline(), self.after.as_ref()).await.map_err(unreadable)?;
        self.check.add(&items)?;
        self.after = next;
        Ok(self.after.is_some())
    }

    /// Returns the check of the items that were read.
    #[must_use]
    pub fn into_check(self) -> Check {
        self.check
    }
}

/// Returns the findings in these items, which are all items of a table.
///
/// # Errors
/// The errors of [`Check`].
pub fn findings(items: &[Item]) -> Result<Vec<String>, Error> {
    let mut check = Check::new()?;
    check.add(items)?;
    let mut output = Vec::new();
    check.write(&mut output)?;
    Ok(String::from_utf8_lossy(&output).lines().map(str::to_owned).collect())
}

/// Returns the partitions of the client and of the user to which an item belongs.
pub(crate) fn belongs_to(item: &Item) -> [Option<String>; 2] {
    facts_of(item).scopes(Tolerance::User)
}

/// The statements that add rows to the temporary database.
struct Rows<'a> {
    item: Statement<'a>,
    copy: Statement<'a>,
    expected: Statement<'a>,
    part: Statement<'a>,
    valued: Statement<'a>,
    deleting: Statement<'a>,
    finding: Statement<'a>,
}

impl<'a> Rows<'a> {
    fn of(page: &'a Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            item: page.prepare(
                "INSERT INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?,
            copy: page.prepare(copies::COPY)?,
            expected: page.prepare(EXPECTED)?,
            part: page.prepare("INSERT INTO parts VALUES (?1, ?2, ?3)")?,
            valued: page.prepare("INSERT INTO valued VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?,
            deleting: page.prepare("INSERT OR IGNORE INTO deleting VALUES (?1)")?,
            finding: page.prepare("INSERT INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
        })
    }

    /// Adds the facts of the item of this kind at a key.
    fn add(&mut self, key: &Key, kind: &str, facts: &Facts) -> rusqlite::Result<()> {
        let (pk, sk) = (key.pk(), key.sk());
        let owner = facts.owner.as_ref();
        let [client, user] = owner.map_or([None, None], |owner| facts.scopes(owner.tolerance));
        let [count_client, count_user] = facts.scopes(Tolerance::User);
        self.item.execute(params![
            pk,
            sk,
            kind,
            facts.members.as_str(),
            facts.mark,
            facts.count.map(u64::cast_signed),
            facts.property.map(u64::cast_signed),
            owner.map(|owner| owner.rule.name()),
            owner.map(|owner| owner.kind),
            client,
            user,
            count_client,
            count_user,
        ])?;
        for expected in &facts.expected {
            add_expected(&mut self.expected, key, expected, &facts.scopes(expected.tolerance))?;
        }
        for part in facts.parts {
            self.part.execute(params![pk, sk, part])?;
        }
        let [client, user] = facts.scopes(Tolerance::Client);
        for (name, [all, own]) in facts.valued.iter().flat_map(|valued| &valued.properties) {
            let owner = facts.valued.as_ref().map(|valued| valued.owner.as_str());
            let keys = (all.pk(), all.sk(), own.pk(), own.sk());
            self.valued
                .execute(params![pk, sk, owner, name, keys.0, keys.1, keys.2, keys.3, client, user])?;
        }
        if let Some(scope) = &facts.deleting {
            self.deleting.execute([scope])?;
        }
        for fault in &facts.faults {
            let [client, user] = facts.scopes(fault.tolerance);
            self.finding.execute(params![fault.rule.name(), pk, sk, fault.text, client, user])?;
        }
        Ok(())
    }
}

/// The statement that adds an expectation.
const EXPECTED: &str = "INSERT INTO expected VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// Adds an expectation of the item at a key.
fn add_expected(
    statement: &mut Statement<'_>,
    by: &Key,
    expected: &Expectation,
    [client, user]: &[Option<String>; 2],
) -> rusqlite::Result<()> {
    let (members, mark) = match &expected.requirement {
        Requirement::Exists => (None, None),
        Requirement::Members(members) => (Some(members.as_str()), None),
        Requirement::Mark(mark) => (None, Some(mark)),
    };
    let key = &expected.key;
    statement.execute(params![
        key.pk(),
        key.sk(),
        expected.kind,
        members,
        mark.is_some(),
        mark.and_then(Option::as_ref),
        expected.owns,
        expected.counts,
        expected.rule.name(),
        client,
        user,
        by.pk(),
        by.sk(),
    ])?;
    Ok(())
}
