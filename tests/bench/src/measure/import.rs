//! Import and export of a large file by the local program, compared with direct transactions at its engine.

use std::fs::{self, File};
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

/// The number of lines of the file: a client, terms, users and their consents.
const LINES: usize = 100_000;
/// The number of direct transactions.
const TRANSACTIONS: usize = 20_000;
/// The number of direct transactions at the beginning and at the end that are reported separately.
const PART: usize = 2_000;
/// The time between two readings of the memory of an export, which only grows.
const INTERVAL: Duration = Duration::from_millis(20);

/// Figures of an import, in lines or transactions per second, and of the export of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    /// Lines per second of the import.
    pub(crate) lines: f64,
    /// Direct transactions per second, one for each line.
    pub(crate) direct: f64,
    /// The same for the first transactions of an engine.
    pub(crate) first: f64,
    /// The same for the last transactions of the run.
    pub(crate) last: f64,
    /// The time of the export.
    pub(crate) export: Duration,
    /// The peak memory of the export, in MB.
    pub(crate) memory: f64,
}

/// Imports and exports a generated file, and makes direct transactions.
pub(crate) async fn measure() -> Result<Import> {
    let place = tempfile::tempdir()?;
    let (data, file) = (place.path().join("data"), place.path().join("lines.jsonl"));
    fs::write(&file, lines())?;
    let begin = now();
    let import = local_program("import", &data)?.arg(&file).stderr(Stdio::null()).status().await?;
    let imported = begin.elapsed();
    let begin = now();
    let output = File::create(place.path().join("export.jsonl"))?;
    let mut export = local_program("export", &data)?.stdout(output).spawn()?;
    let mut memory = 0.0_f64;
    while export.try_wait()?.is_none() {
        // Fails if the process has just ended.
        memory = memory.max(export.id().and_then(|process| peak(process).ok()).unwrap_or_default());
        sleep(INTERVAL).await;
    }
    let exported = begin.elapsed();
    if !import.success() || !export.wait().await?.success() {
        return Err("the local program failed".into());
    }
    let [direct, first, last] = direct(&place.path().join("direct.sqlite")).await?;
    Ok(Import { lines: rate(LINES, imported), direct, first, last, export: exported, memory })
}

fn local_program(name: &str, data: &Path) -> Result<Command> {
    let mut command = Command::new(programs()?.join("local"));
    command.env_clear().arg(name).arg("--data").arg(data).kill_on_drop(true);
    Ok(command)
}

fn lines() -> String {
    let mut lines = vec![
        r#"{"type":"client","extId":"100","name":"Default"}"#.to_owned(),
        r#"{"type":"terms","extId":"t","name":"T","active":true,"silentAcceptance":false,"termsVersion":"1"}"#
            .to_owned(),
    ];
    let users = (LINES - lines.len()) / 2;
    lines.extend((0..users).map(|number| {
        format!(r#"{{"type":"user","clientExtId":"100","extId":"u-{number}","loginId":"l-{number}","userState":"active"}}"#)
    }));
    lines.extend((0..users).map(|number| {
        format!(r#"{{"type":"consent","clientExtId":"100","userExtId":"u-{number}","termsExtId":"t","termsVersion":"1","acceptanceDate":"2026-01-01T00:00:00Z"}}"#)
    }));
    lines.join("\n")
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
