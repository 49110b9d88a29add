//! Importing lines into a table.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use shared::clock::Deadline;
use shared::clock::{Clock, Random};
use shared::policy::Settings;
use shared::table::{Key, Outcome, Stamp, Table, TableError, Transaction};

use crate::error::Error;
use crate::records::{Draft, Found, ImportRefusal, Plan, Record, RecordKind, Stop};

/// The longest line, in bytes: an item of the table has room for little more.
const MAX_LINE: u64 = 256 * 1024;
/// The most keys that the table answers in one call.
const MAX_KEYS: usize = 100;
/// How long the table may take for one line.
const MAX_LINE_DURATION: Duration = Duration::from_secs(30);
/// How often a line is looked at again, when something changed while it was written.
const MAX_ATTEMPTS: u32 = 3;

/// Writes lines into one table.
pub struct Importer {
    table: Table,
    settings: Settings,
    clock: Clock,
    random: Random,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    /// It is in the table now.
    Written,
    /// The table held just that already.
    Unchanged,
    /// It is not in the table, for this reason, told in one line.
    Refused(String),
}

/// What became of the lines of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many lines are in the table now.
    pub written: usize,
    /// How many lines the table held already.
    pub unchanged: usize,
    /// How many lines were refused.
    pub refused: usize,
}

impl Summary {
    /// How many lines there were, empty ones not counted.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.written + self.unchanged + self.refused
    }
}

impl Importer {
    /// An importer into the table `name`, by the rules that `settings` set.
    #[must_use]
    pub fn new(client: Client, name: &str, settings: Settings, clock: Clock, random: Random) -> Self {
        Self { table: Table::new(client, name, random.clone()), settings, clock, random }
    }

    /// Imports one line, without its line break, as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Table`] when the table does not answer; whether the line is in it is then unknown.
    pub async fn line(&self, text: &[u8]) -> Result<LineOutcome, Error> {
        match self.write(text).await {
            Ok(Plan::Write) => Ok(LineOutcome::Written),
            Ok(Plan::Unchanged) => Ok(LineOutcome::Unchanged),
            Err(Stop::Refused(refusal)) => Ok(LineOutcome::Refused(refusal.to_string())),
            Err(Stop::Table(error)) => Err(Error::Table(meaning(error).to_owned())),
        }
    }

    async fn write(&self, text: &[u8]) -> Result<Plan, Stop> {
        let line = Record::read(text, &self.settings)?;
        let deadline = Deadline::after(MAX_LINE_DURATION);
        let mut refusal = ImportRefusal::because("It changed again and again while it was written");
        for _ in 0..MAX_ATTEMPTS {
            let found = self.load(line.thing(), deadline).await?;
            let mut draft = Draft::new(&found, &self.settings, Transaction::new(&self.stamp()));
            if line.thing().plan(&mut draft)? == Plan::Unchanged {
                return Ok(Plan::Unchanged);
            }
            match self.table.transact(deadline, &draft.transaction).await? {
                Outcome::Done => return Ok(Plan::Write),
                Outcome::Failed(refusals) => refusal = draft.meaning(&refusals).unwrap_or(refusal),
            }
        }
        Err(refusal.into())
    }

    async fn load(
        &self,
        thing: &(dyn RecordKind + Send + Sync),
        deadline: Deadline,
    ) -> Result<Found, TableError> {
        let keys = thing.keys();
        let mut items = HashMap::new();
        for keys in keys.chunks(MAX_KEYS) {
            let keys: Vec<&Key> = keys.iter().collect();
            items.extend(self.table.get_many(deadline, keys).await?);
        }
        Ok(Found::new(items))
    }

    fn stamp(&self) -> Stamp {
        Stamp { now: self.clock.now(), by: "import".to_owned(), request: self.random.uuid() }
    }
}

/// Imports all lines of `input`, one after the other: a line may name what an earlier one made.
/// Empty lines are passed over. `report` is told what became of each line, by its number from 1 on.
///
/// # Errors
/// [`Error::Stream`] when the input cannot be read, [`Error::Table`] when the table does not answer.
/// The lines before are then in the table, those behind are not.
pub async fn import_lines(
    importer: &Importer,
    mut input: impl BufRead,
    mut report: impl FnMut(usize, &LineOutcome),
) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    let mut number = 0;
    while let Some(text) = next_line(&mut input)? {
        number += 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let outcome = if u64::try_from(text.len()).is_ok_and(|length| length <= MAX_LINE) {
            importer.line(&text).await.map_err(|error| at_line(number, error))?
        } else {
            LineOutcome::Refused(format!("The line is longer than {MAX_LINE} bytes"))
        };
        match outcome {
            LineOutcome::Written => summary.written += 1,
            LineOutcome::Unchanged => summary.unchanged += 1,
            LineOutcome::Refused(_) => summary.refused += 1,
        }
        report(number, &outcome);
    }
    Ok(summary)
}

/// Reads a line by the rules that need no stored data, and tells it again as an export writes it.
///
/// # Errors
/// In one line, why it is refused.
pub fn told_again(text: &[u8], settings: &Settings) -> Result<String, String> {
    let line = Record::read(text, settings).map_err(|refusal| refusal.to_string())?;
    line.to_json().map_err(|reason| reason.to_string())
}

fn at_line(number: usize, error: Error) -> Error {
    match error {
        Error::Table(reason) => Error::Table(format!("line {number}: {reason}")),
        other => other,
    }
}

/// The next line; none at the end. Of a line that is too long, only so much is kept that this shows.
fn next_line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, Error> {
    let unreadable = |reason| Error::Stream { name: "the input".to_owned(), reason };
    let mut text = Vec::new();
    input.by_ref().take(MAX_LINE + 2).read_until(b'\n', &mut text).map_err(unreadable)?;
    if text.is_empty() {
        return Ok(None);
    }
    if text.pop_if(|byte| *byte == b'\n').is_none() {
        input.skip_until(b'\n').map_err(unreadable)?;
    }
    Ok(Some(text))
}

/// What a failure of the table means to the person at the terminal.
pub(crate) fn meaning(error: TableError) -> &'static str {
    match error {
        TableError::Unavailable => "it is busy, cannot be reached, or did not answer in time",
        TableError::Refused => {
            "it refuses the call: is it there, under this name, with the permissions for it?"
        }
        TableError::Corrupt => "it holds an item that is not of this service",
    }
}
