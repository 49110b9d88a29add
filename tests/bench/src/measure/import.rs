//! Import and export of a large file by the local program, compared with direct transactions at its engine.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use local::engine::Engine;
use local::table;
use shared::clock::{Clock, Deadline, Random};
use shared::table::{Condition, Key, NewItem, Outcome, Stamp, Table, Transaction};
use tokio::process::Command;
use tokio::time::sleep;

use super::memory::peak;
use crate::Result;
use crate::building::programs;
use crate::moment::now;
use crate::processors::processor_seconds;

/// The number of lines of the file.
const LINES: usize = 100_000;
/// The number of direct transactions.
const TRANSACTIONS: usize = 20_000;
/// The number of direct transactions at the beginning and at the end that are reported separately.
const PART: usize = 2_000;
/// The time between two readings of the processor time and the memory of a program, which only grow.
const INTERVAL: Duration = Duration::from_millis(20);

/// Figures of an import, in lines or transactions per second, and of the export of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    /// The import and the export.
    pub(crate) file: ImportedFile,
    /// Direct transactions per second, one for each line.
    pub(crate) direct: f64,
    /// The same for the first transactions of an engine.
    pub(crate) first: f64,
    /// The same for the last transactions of the run.
    pub(crate) last: f64,
}

/// Figures of the import of a file and of the export of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImportedFile {
    /// The number of lines.
    pub(crate) lines: usize,
    /// The import.
    pub(crate) import: Run,
    /// The export.
    pub(crate) export: Run,
}

/// Figures of a run of the local program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// The time.
    pub(crate) time: Duration,
    /// Lines per second.
    pub(crate) rate: f64,
    /// Lines per second of processor time, which other work on the machine affects less.
    pub(crate) processor_rate: f64,
    /// The peak memory, in MB.
    pub(crate) memory: f64,
}

/// Imports and exports a generated file, and makes direct transactions.
pub(crate) async fn measure() -> Result<Import> {
    let file = import_and_export(LINES).await?;
    let place = tempfile::tempdir()?;
    let [direct, first, last] = direct(&place.path().join("direct.sqlite")).await?;
    Ok(Import { file, direct, first, last })
}

/// Imports and exports a generated file with this number of lines.
pub(super) async fn import_and_export(lines: usize) -> Result<ImportedFile> {
    let place = tempfile::tempdir()?;
    let [file, exported] = ["lines.jsonl", "export.jsonl"].map(|name| place.path().join(name));
    write_lines(&file, lines)?;
    let [mut import, mut export] =
        [local_program("import", place.path())?, local_program("export", place.path())?];
    let import = run(import.arg(&file).stderr(Stdio::null()), lines).await?;
    let export = run(export.stdout(File::create(exported)?), lines).await?;
    Ok(ImportedFile { lines, import, export })
}

/// Runs the local program on this number of lines.
async fn run(command: &mut Command, lines: usize) -> Result<Run> {
    let begin = now();
    let mut program = command.spawn()?;
    let (mut processor, mut memory) = (0.0_f64, 0.0_f64);
    while program.try_wait()?.is_none() {
        if let Some(process) = program.id() {
            // Both fail if the process has just ended.
            processor = processor.max(processor_seconds(process).unwrap_or_default());
            memory = memory.max(peak(process).unwrap_or_default());
        }
        sleep(INTERVAL).await;
    }
    let time = begin.elapsed();
    if !program.wait().await?.success() {
        return Err("the local program failed".into());
    }
    let processor_rate = rate(lines, Duration::from_secs_f64(processor));
    Ok(Run { time, rate: rate(lines, time), processor_rate, memory })
}

fn local_program(name: &str, place: &Path) -> Result<Command> {
    let mut command = Command::new(programs()?.join("local"));
    command.env_clear().arg(name).arg("--data").arg(place.join("data")).kill_on_drop(true);
    Ok(command)
}

/// Writes a file with this number of lines: a client, terms, users and their consents.
fn write_lines(path: &Path, lines: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let above = [
        r#"{"type":"client","extId":"100","name":"Default"}"#,
        r#"{"type":"terms","extId":"t","name":"T","active":true,"silentAcceptance":false,"termsVersion":"1"}"#,
    ];
    for line in above {
        writeln!(file, "{line}")?;
    }
    let users = (lines - above.len()) / 2;
    for number in 0..users {
        writeln!(
            file,
            r#"{{"type":"user","clientExtId":"100","extId":"u-{number}","loginId":"l-{number}","userState":"active"}}"#
        )?;
    }
    for number in 0..users {
        writeln!(
            file,
            r#"{{"type":"consent","clientExtId":"100","userExtId":"u-{number}","termsExtId":"t","termsVersion":"1","acceptanceDate":"2026-01-01T00:00:00Z"}}"#
        )?;
    }
    Ok(file.flush()?)
}

/// Makes one transaction after the other, each of which checks an item and creates one. Returns the rates of
/// all, of the first and of the last transactions.
async fn direct(path: &Path) -> Result<[f64; 3]> {
    let engine = Engine::file_on(path, 0).await?;
    let client = engine.client();
    table::make(&client, "direct").await?;
    let table = Table::new(client, "direct", Random::system());
    let stamp = Stamp { now: Clock::system().now(), by: "bench".to_owned(), request: "bench".to_owned() };
    let parent = Key::new(&["CLIENT", "100"], &["CLIENT"]);
    let mut transaction = Transaction::new(&stamp);
    transaction.create(NewItem::new(&parent, "Client"));
    apply(&table, &transaction).await?;
    let begin = now();
    let (mut first, mut before_last) = (Duration::ZERO, Duration::ZERO);
    for number in 0..TRANSACTIONS {
        let mut transaction = Transaction::new(&stamp);
        transaction.check(parent.clone(), Condition::Exists);
        let user = NewItem::new(&Key::new(&["USER", "100", &number.to_string()], &["USER"]), "User");
        transaction.create(user.with_text("loginId", "login").with_text("userState", "active"));
        apply(&table, &transaction).await?;
        if number + 1 == PART {
            first = begin.elapsed();
        }
        if number + 1 == TRANSACTIONS - PART {
            before_last = begin.elapsed();
        }
    }
    let all = begin.elapsed();
    engine.stop().await;
    Ok([rate(TRANSACTIONS, all), rate(PART, first), rate(PART, all.saturating_sub(before_last))])
}

async fn apply(table: &Table, transaction: &Transaction) -> Result<()> {
    let deadline = Deadline::after(Duration::from_secs(30));
    match table.transact(deadline, transaction).await {
        Ok(Outcome::Done) => Ok(()),
        other => Err(format!("a transaction failed: {other:?}").into()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
