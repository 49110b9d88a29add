//! Import of JSON Lines into a table.
//!
//! Lines are imported in windows: as many as have been read, within a maximum. The items on which the lines
//! of a window depend are read at once. The lines are planned in their order, each as if the earlier ones had
//! been written, and are then written by few transactions, of which independent ones run concurrently. If a
//! transaction fails, the lines that caused it are imported one by one, and the rest is planned again.

mod lines;
mod outcome;
mod schedule;

use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::iter::zip;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use functions::clients;
use futures_util::stream::{self, StreamExt as _};
use shared::clock::{Clock, Deadline, Random};
use shared::policy::Settings;
use shared::table::{Condition, Key, Outcome, Stamp, Table, TableError, Transaction};

use self::lines::{Line, Lines, MAX_LINE};
pub use self::outcome::{LineOutcome, Summary};
use self::schedule::{Group, Planned, Schedule};
use crate::error::Error;
use crate::records::{Draft, Found, ImportRefusal, Plan, Record, RecordKind, Search, Stop};
use crate::table::get_existing;

/// The maximum duration of a read or of a transaction.
const MAX_REQUEST_DURATION: Duration = Duration::from_secs(30);
/// The maximum number of concurrent transactions.
const MAX_TRANSACTIONS: usize = 4;
/// The maximum number of attempts to write a single line if data is modified concurrently.
const MAX_ATTEMPTS: u32 = 3;

/// Writes lines to a table.
pub struct Importer {
    table: Table,
    table_name: String,
    settings: Settings,
    clock: Clock,
    random: Random,
    replaces: bool,
}

impl Importer {
    /// Creates an importer for the table `name` with the rules in `settings`.
    #[must_use]
    pub fn new(client: Client, name: &str, settings: Settings, clock: Clock, random: Random) -> Self {
        let table = Table::new(client, name, random.clone());
        Self { table, table_name: name.to_owned(), settings, clock, random, replaces: false }
    }

    /// Returns an importer that replaces an object that exists with different content, if `replaces` is true. Otherwise
    /// such a line is rejected.
    #[must_use]
    pub fn replacing(self, replaces: bool) -> Self {
        Self { replaces, ..self }
    }

    /// Uses another client for the same table.
    pub fn use_client(&mut self, client: Client) {
        self.table = Table::new(client, &self.table_name, self.random.clone());
    }

    /// Imports lines. Returns the outcome of each, or `None` for an empty line.
    ///
    /// Each line is imported either completely or not at all, and as if it were imported after the lines
    /// before it.
    async fn import(&self, lines: &[Line]) -> Result<Vec<Option<LineOutcome>>, Error> {
        let mut outcomes = Vec::with_capacity(lines.len());
        let mut open = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            outcomes.push(match self.read(line) {
                Ok(record) => {
                    open.extend(record.map(|record| OpenLine { index, record, is_single: false }));
                    None
                }
                Err(refusal) => Some(LineOutcome::Refused(refusal.to_string())),
            });
        }
        while !open.is_empty() {
            let schedule = self.plan(&open, lines, &mut outcomes).await?;
            let mut singles = BTreeSet::new();
            for wave in schedule.waves {
                let groups = wave.iter().map(|group| self.write(group, &open, lines));
                let written = stream::iter(groups).buffered(MAX_TRANSACTIONS).collect::<Vec<_>>().await;
                let mut is_as_planned = true;
                for (group, written) in zip(&wave, written) {
                    match written? {
                        Written::AsPlanned => {
                            for member in &group.members {
                                outcomes[member.line] = Some(member.outcome.clone());
                            }
                        }
                        Written::Single { line, outcome, as_planned } => {
                            outcomes[line] = Some(outcome);
                            is_as_planned &= as_planned;
                        }
                        Written::Failed(lines) => {
                            singles.extend(lines);
                            is_as_planned = false;
                        }
                    }
                }
                // Later lines have been planned as if these had been written.
                if !is_as_planned {
                    break;
                }
            }
            open.retain(|line| outcomes[line.index].is_none());
            for line in &mut open {
                line.is_single |= singles.contains(&line.index);
            }
        }
        Ok(outcomes)
    }

    /// Reads a line. Returns `None` for an empty line.
    fn read(&self, line: &Line) -> Result<Option<Record>, ImportRefusal> {
        if line.text.trim_ascii().is_empty() {
            return Ok(None);
        }
        if u64::try_from(line.text.len()).is_ok_and(|length| length <= MAX_LINE) {
            return Record::read(&line.text, &self.settings).map(Some);
        }
        Err(ImportRefusal::because(format!("The line is longer than {MAX_LINE} bytes")))
    }

    /// Plans open lines in their order. Sets the outcomes that are known without a write.
    async fn plan(
        &self,
        open: &[OpenLine],
        lines: &[Line],
        outcomes: &mut [Option<LineOutcome>],
    ) -> Result<Schedule, Error> {
        let deadline = Deadline::after(MAX_REQUEST_DURATION);
        let first = open.first().map_or(0, |line| lines[line.index].number);
        let kinds: Vec<_> = open.iter().map(|line| line.record.kind()).collect();
        let mut found = self.load(&kinds, deadline).await.map_err(|error| at_line(first, error))?;
        let mut schedule = Schedule::default();
        let stamp = self.stamp();
        for OpenLine { index, record, is_single } in open {
            let at_line = |error| at_line(lines[*index].number, error);
            // Earlier lines may have changed the items that tell the keys, but only to values at keys of their own.
            let reads = self.keys_of(record.kind(), &found).map_err(at_line)?;
            let mut draft = self.draft(&found, &stamp);
            let plan = record.kind().plan(&mut draft).and_then(|plan| existing(record.kind(), &found, plan));
            let outcome = LineOutcome::of(plan).map_err(at_line)?;
            // A line that depends on a search is planned again after it.
            let (line, is_single) = (*index, *is_single || draft.search().is_some());
            let transaction = match outcome {
                LineOutcome::Written | LineOutcome::Replaced => draft.transaction,
                // A rejected line may have added actions before.
                LineOutcome::Unchanged | LineOutcome::Refused(_) => Transaction::new(&stamp),
            };
            found.apply(&transaction).map_err(at_line)?;
            let bytes = lines[*index].text.len();
            outcomes[line] = schedule.add(Planned { line, bytes, reads, transaction, outcome, is_single });
        }
        Ok(schedule)
    }

    /// Writes the lines of a group.
    async fn write(&self, group: &Group, open: &[OpenLine], lines: &[Line]) -> Result<Written, Error> {
        let Some(first) = group.members.first() else { return Ok(Written::AsPlanned) };
        let at_line = |error| at_line(lines[first.line].number, error);
        if group.is_single
            && let Some(line) = open.iter().find(|line| line.index == first.line)
        {
            let written = self.write_single(line.record.kind()).await;
            let outcome = LineOutcome::of(written).map_err(at_line)?;
            let as_planned = outcome == first.outcome;
            return Ok(Written::Single { line: first.line, outcome, as_planned });
        }
        if group.transaction.is_empty() {
            return Ok(Written::AsPlanned);
        }
        let deadline = Deadline::after(MAX_REQUEST_DURATION);
        match self.table.transact(deadline, &group.transaction).await {
            Ok(Outcome::Done) => Ok(Written::AsPlanned),
            Ok(Outcome::Failed(failed)) => Ok(Written::Failed(group.failed_lines(Some(&failed)))),
            // Single lines may be accepted, because they are smaller.
            Err(TableError::Refused) => Ok(Written::Failed(group.failed_lines(None))),
            Err(error) => Err(at_line(error)),
        }
    }

    async fn write_single(&self, line: LineKind<'_>) -> Result<Plan, Stop> {
        let deadline = Deadline::after(MAX_REQUEST_DURATION);
        let mut refusal =
            ImportRefusal::because("The line could not be written because of concurrent modifications");
        for _ in 0..MAX_ATTEMPTS {
            let (found, stamp) = (self.load(&[line], deadline).await?, self.stamp());
            let mut draft = self.draft(&found, &stamp);
            let mut plan = existing(line, &found, line.plan(&mut draft)?)?;
            if plan == Plan::Unchanged {
                return Ok(plan);
            }
            if let Some(search) = draft.search() {
                let Some(unreferenced) = self.search(search, deadline).await? else { continue };
                draft = self.draft(&found, &stamp).searched(unreferenced);
                plan = line.plan(&mut draft)?;
            }
            match self.table.transact(deadline, &draft.transaction).await? {
                Outcome::Done => return Ok(plan),
                Outcome::Failed(refusals) => refusal = draft.refusal_for(&refusals).unwrap_or(refusal),
            }
        }
        Err(refusal.into())
    }

    /// Searches for what refers to an item, as the operations do. Returns the condition that there is still nothing, or
    /// `None` if the item changed since it was read.
    async fn search(&self, search: &Search, deadline: Deadline) -> Result<Option<Condition>, Stop> {
        let lists: Vec<(&str, &str)> =
            search.lists.iter().map(|(pk, prefix)| (pk.as_str(), *prefix)).collect();
        // A rejected line does not mark the item, unless the first reference comes at the same time.
        if self.table.has_any(deadline, &lists).await? {
            return Err(search.refusal.clone().into());
        }
        let mut mark = Transaction::new(&self.stamp());
        let unreferenced = mark.mark(&search.item)?;
        if matches!(self.table.transact(deadline, &mark).await?, Outcome::Failed(_)) {
            return Ok(None);
        }
        if self.table.has_any(deadline, &lists).await? {
            return Err(search.refusal.clone().into());
        }
        Ok(Some(unreferenced))
    }

    fn draft<'a>(&'a self, found: &'a Found, stamp: &Stamp) -> Draft<'a> {
        Draft::new(found, &self.settings, Transaction::new(stamp), self.replaces)
    }

    /// Returns the keys of all items on which the import of a line depends.
    fn keys_of(&self, line: &dyn RecordKind, found: &Found) -> Result<Vec<Key>, TableError> {
        let further = if self.replaces { line.keys_to_replace(found)? } else { Vec::new() };
        Ok([line.keys(), further].concat())
    }

    /// Reads the items on which the import of lines depends.
    async fn load(&self, lines: &[LineKind<'_>], deadline: Deadline) -> Result<Found, TableError> {
        let keys: HashSet<Key> =
            lines.iter().flat_map(|line| [line.keys(), parents(*line)].concat()).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut found = Found::new(get_existing(&self.table, deadline, &keys).await?);
        if self.replaces {
            let mut further = HashSet::new();
            for line in lines {
                further.extend(line.keys_to_replace(&found)?);
            }
            let further: Vec<Key> = further.into_iter().filter(|key| found.at(key).is_none()).collect();
            found.extend(get_existing(&self.table, deadline, &further).await?);
        }
        Ok(found)
    }

    fn stamp(&self) -> Stamp {
        Stamp { now: self.clock.now(), by: "import".to_owned(), request: self.random.uuid() }
    }
}

/// Returns the keys of the client and the user to which a line belongs.
fn parents(line: LineKind<'_>) -> Vec<Key> {
    let client = line.client().map(clients::key);
    let user = line.keys().into_iter().find(|key| key.sk() == "USER");
    client.into_iter().chain(user).collect()
}

/// Returns the plan for a line, unless it is unchanged below a client or a user that is being deleted and takes it along.
fn existing(line: LineKind<'_>, found: &Found, plan: Plan) -> Result<Plan, Stop> {
    let is_left_over = plan == Plan::Unchanged && parents(line).iter().any(|key| found.at(key).is_none());
    if is_left_over {
        return Err(ImportRefusal::because("It belongs to a client or a user that is being deleted").into());
    }
    Ok(plan)
}

/// A line as its kind.
type LineKind<'a> = &'a (dyn RecordKind + Send + Sync);

/// A line without an outcome.
struct OpenLine {
    /// The index of the line.
    index: usize,
    record: Record,
    /// True if the line must not share a transaction with others.
    is_single: bool,
}

/// The result of writing a group.
enum Written {
    /// All lines have their planned outcomes.
    AsPlanned,
    /// A single line, which was planned again, has this outcome.
    Single { line: usize, outcome: LineOutcome, as_planned: bool },
    /// Nothing was written because of these lines.
    Failed(Vec<usize>),
}

/// An import in progress.
pub struct Import {
    lines: Lines,
    window: Vec<Line>,
    summary: Summary,
    last_line: usize,
}

impl Import {
    /// Begins an import of JSON Lines. Skips a byte order mark at the beginning of the input.
    ///
    /// # Errors
    /// [`Error::Stream`] if the input cannot be read.
    pub fn of(input: impl Read + Send + 'static) -> Result<Self, Error> {
        Ok(Self { lines: Lines::of(input)?, window: Vec::new(), summary: Summary::default(), last_line: 0 })
    }

    /// Waits until lines have been read. Returns false at the end of the input. If the returned future is
    /// dropped, no line is lost.
    ///
    /// # Errors
    /// [`Error::Stream`] if the input cannot be read.
    pub async fn ready(&mut self) -> Result<bool, Error> {
        if self.window.is_empty() {
            self.window = self.lines.next().await?;
        }
        Ok(!self.window.is_empty())
    }

    /// Imports the lines that have been read, so that a line can refer to objects of earlier lines. Skips
    /// empty lines. Calls `report` with the number, starting at 1, and the outcome of each line.
    ///
    /// # Errors
    /// [`Error::Table`] if a request to the table fails. Some of the lines after [`last_line`] may have been
    /// imported.
    ///
    /// [`last_line`]: Self::last_line
    pub async fn write(
        &mut self,
        importer: &Importer,
        mut report: impl FnMut(usize, &LineOutcome),
    ) -> Result<(), Error> {
        let outcomes = importer.import(&self.window).await?;
        for (line, outcome) in zip(self.window.drain(..), outcomes) {
            self.last_line = line.number;
            let Some(outcome) = outcome else { continue };
            match outcome {
                LineOutcome::Written => self.summary.written += 1,
                LineOutcome::Replaced => self.summary.replaced += 1,
                LineOutcome::Unchanged => self.summary.unchanged += 1,
                LineOutcome::Refused(_) => self.summary.refused += 1,
            }
            report(line.number, &outcome);
        }
        Ok(())
    }

    /// Returns the numbers of lines so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Returns the number of the last line that was processed, like all lines before it. 0 if there is none.
    #[must_use]
    pub fn last_line(&self) -> usize {
        self.last_line
    }
}

/// Imports all lines of `input`. See [`Import`].
///
/// # Errors
/// [`Error::Stream`] if the input cannot be read, [`Error::Table`] if a request to the table fails.
pub async fn import_lines(
    importer: &Importer,
    input: impl Read + Send + 'static,
    mut report: impl FnMut(usize, &LineOutcome),
) -> Result<Summary, Error> {
    let mut import = Import::of(input)?;
    while import.ready().await? {
        import.write(importer, &mut report).await?;
    }
    Ok(import.summary())
}

/// Reads a line, checks it without stored data, and returns it as an export writes it.
///
/// # Errors
/// The reason why the line is rejected, as a single line.
pub fn told_again(text: &[u8], settings: &Settings) -> Result<String, String> {
    let line = Record::read(text, settings).map_err(|refusal| refusal.to_string())?;
    line.to_json().map_err(|reason| reason.to_string())
}

fn at_line(number: usize, error: TableError) -> Error {
    Error::Table(format!("line {number}: {}", explain(error)))
}

/// Returns the message for an error of the table.
pub(crate) fn explain(error: TableError) -> &'static str {
    match error {
        TableError::Unavailable => "the table is throttled, cannot be reached, or timed out",
        TableError::Refused => "the table rejected the request; check its name and the permissions",
        TableError::Corrupt => "the table contains a corrupt item",
    }
}
