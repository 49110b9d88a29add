//! `events`: prints the events of the changes.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use shared::clock::Timestamp;
use tokio::time::sleep;

use super::{Data, print};
use crate::error::Error;
use crate::folder::DataFolder;

/// The time between two readings of a file that has no new events.
const PAUSE: Duration = Duration::from_millis(200);

/// The arguments of `events`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Wait for further events
    #[arg(long)]
    follow: bool,
    /// Print only events from this time on, such as 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "expected a time such as 2026-01-01T00:00:00Z".to_owned())
}

/// Prints one event per line. A server on the directory writes them.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let path = DataFolder::existing(&arguments.data.data)?.event_file();
    let unreadable = |reason| Error::Stream { name: path.display().to_string(), reason };
    let mut reader = None;
    let mut line = String::new();
    loop {
        if reader.is_none() {
            reader = File::open(&path).ok().map(BufReader::new);
        }
        while let Some(lines) = &mut reader {
            // The end of a line may not be written yet.
            lines.read_line(&mut line).map_err(unreadable)?;
            if !line.ends_with('\n') {
                break;
            }
            if is_since(&line, arguments.since) {
                print(&line)?;
            }
            line.clear();
        }
        if !arguments.follow {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
}

/// Returns true if the event of a line is not older. An event without a time is never older.
fn is_since(line: &str, since: Option<Timestamp>) -> bool {
    let event: Value = serde_json::from_str(line).unwrap_or_default();
    let time = event["time"].as_str().and_then(Timestamp::parse);
    since.zip(time).is_none_or(|(since, time)| time >= since)
}
