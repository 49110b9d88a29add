//! Import of JSON Lines into a table.

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

/// The maximum length of a line, in bytes. An item of the table is limited to 400 KB.
const MAX_LINE: u64 = 256 * 1024;
/// The maximum number of keys per batch read.
const MAX_KEYS: usize = 100;
/// The maximum duration of the import of one line.
const MAX_LINE_DURATION: Duration = Duration::from_secs(30);
/// The maximum number of attempts to write a line if data is modified concurrently.
const MAX_ATTEMPTS: u32 = 3;

/// Writes lines to a table.
pub struct Importer {
    table: Table,
    settings: Settings,
    clock: Clock,
    random: Random,
}

/// The outcome of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    /// The line was written.
    Written,
    /// The table already contained the same content.
    Unchanged,
    /// The line was rejected. Contains the reason, which is a single line.
    Refused(String),
}

/// The numbers of lines of an import by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The number of written lines.
    pub written: usize,
    /// The number of lines whose content already existed.
    pub unchanged: usize,
    /// The number of rejected lines.
    pub refused: usize,
}

impl Summary {
    /// Returns the number of lines, without empty ones.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.written + self.unchanged + self.refused
    }
}

impl Importer {
    /// Creates an importer for the table `name` with the rules in `settings`.
    #[must_use]
    pub fn new(client: Client, name: &str, settings: Settings, clock: Clock, random: Random) -> Self {
        Self { table: Table::new(client, name, random.clone()), settings, clock, random }
    }

    /// Imports one line, without its line break, either completely or not at all.
    ///
    /// # Errors
    /// [`Error::Table`] if a request to the table fails. The line may have been written.
    pub async fn line(&self, text: &[u8]) -> Result<LineOutcome, Error> {
        match self.write(text).await {
            Ok(Plan::Write) => Ok(LineOutcome::Written),
            Ok(Plan::Unchanged) => Ok(LineOutcome::Unchanged),
            Err(Stop::Refused(refusal)) => Ok(LineOutcome::Refused(refusal.to_string())),
            Err(Stop::Table(error)) => Err(Error::Table(explain(error).to_owned())),
        }
    }

    async fn write(&self, text: &[u8]) -> Result<Plan, Stop> {
        let line = Record::read(text, &self.settings)?;
        let deadline = Deadline::after(MAX_LINE_DURATION);
        let mut refusal =
            ImportRefusal::because("The line could not be written because of concurrent modifications");
        for _ in 0..MAX_ATTEMPTS {
            let found = self.load(line.kind(), deadline).await?;
            let mut draft = Draft::new(&found, &self.settings, Transaction::new(&self.stamp()));
            if line.kind().plan(&mut draft)? == Plan::Unchanged {
                return Ok(Plan::Unchanged);
            }
            match self.table.transact(deadline, &draft.transaction).await? {
                Outcome::Done => return Ok(Plan::Write),
                Outcome::Failed(refusals) => refusal = draft.refusal_for(&refusals).unwrap_or(refusal),
            }
        }
        Err(refusal.into())
    }

    async fn load(
        &self,
        kind: &(dyn RecordKind + Send + Sync),
        deadline: Deadline,
    ) -> Result<Found, TableError> {
        let keys = kind.keys();
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

/// Imports all lines of `input` in order, so that a line can refer to objects of earlier lines.
///
/// Skips empty lines. Calls `report` with the number, starting at 1, and the outcome of each line.
///
/// # Errors
/// [`Error::Stream`] if the input cannot be read, [`Error::Table`] if a request to the table fails. Earlier
/// lines have then been imported, later ones have not.
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

/// Reads a line, checks it without stored data, and returns it as an export writes it.
///
/// # Errors
/// The reason why the line is rejected, as a single line.
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

/// Returns the next line, or `None` at the end. Truncates a line that is too long to just over the limit.
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

/// Returns the message for an error of the table.
pub(crate) fn explain(error: TableError) -> &'static str {
    match error {
        TableError::Unavailable => "the table is throttled, cannot be reached, or timed out",
        TableError::Refused => "the table rejected the request; check its name and the permissions",
        TableError::Corrupt => "the table contains a corrupt item",
    }
}
