//! The job that follows the stream of the table, and the file that takes the place of the event bus.

use std::convert::Infallible;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use functions::history::publish::JOB;
use shared::bus::{BusEvent, EventBus, PutFuture};
use shared::clock::{Deadline, Random};
use shared::host::process;
use shared::job::Outlet;
use shared::service::Worker;
use shared::service::config::Publishing;
use shared::table::stream::records_of;
use tokio::time::sleep;

use crate::engine::Engine;

/// The time between two readings of a stream that has no new records.
const PAUSE: Duration = Duration::from_millis(500);
/// The maximum duration of a run.
const MAX_RUN_DURATION: Duration = Duration::from_mins(1);

/// A file to which events are appended, one per line.
pub(crate) struct EventFile {
    path: PathBuf,
}

impl EventFile {
    /// Returns the file at this path, which may not exist.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn append(&self, events: &[&BusEvent]) -> io::Result<()> {
        let lines = events.iter().fold(String::new(), |lines, event| lines + &event.detail + "\n");
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }
}

impl EventBus for EventFile {
    fn put<'a>(&'a self, events: &'a [&'a BusEvent]) -> PutFuture<'a> {
        let appended = self.append(events).inspect_err(|error| {
            tracing::error!(error = %error.kind(), "events cannot be written");
        });
        let results = vec![appended.is_ok(); events.len()];
        Box::pin(async { results })
    }
}

/// A job that follows the stream of a table of the embedded engine.
pub(crate) struct Follower<'a> {
    /// The engine.
    pub(crate) engine: &'a Engine,
    /// The table.
    pub(crate) table: &'a str,
    /// The service of the job.
    pub(crate) worker: &'a Worker,
    /// How changes are published.
    pub(crate) publishing: &'a Publishing,
    /// The destination of events.
    pub(crate) bus: &'a dyn EventBus,
    /// The file with the position after which the job goes on.
    pub(crate) position: &'a Path,
}

impl Follower<'_> {
    /// Processes the records of the stream as they come.
    pub(crate) async fn follow(&self) -> Infallible {
        loop {
            if !self.step().await {
                sleep(PAUSE).await;
            }
        }
    }

    /// Processes the next records. Returns false if there are none, or if they have to be processed again.
    async fn step(&self) -> bool {
        let after = fs::read_to_string(self.position).ok();
        let Ok(event) = self.engine.stream(self.table, after.as_deref()) else { return false };
        let Ok(records) = records_of(&event) else { return false };
        if records.is_empty() {
            return false;
        }
        let outlet = Outlet { bus: Some(self.bus), publishing: self.publishing };
        let (run, deadline) = (Random::system().uuid(), Deadline::after(MAX_RUN_DURATION));
        let Ok(response) = process(self.worker, &JOB, &outlet, &run, &event, deadline).await else {
            return false;
        };
        let failed = response["batchItemFailures"][0]["itemIdentifier"].as_str();
        let positions = records.into_iter().filter_map(|record| match record {
            Ok(record) => Some(record.sequence),
            Err(unreadable) => unreadable.sequence,
        });
        let last = positions.take_while(|position| Some(position.as_str()) != failed).last();
        last.is_some_and(|last| self.keep(&last).is_ok()) && failed.is_none()
    }

    /// Keeps the position of the last record that is processed. The file is replaced as a whole, so that it is complete
    /// after a kill.
    fn keep(&self, sequence: &str) -> io::Result<()> {
        let next = self.position.with_extension("next");
        let mut file = File::create(&next)?;
        file.write_all(sequence.as_bytes())?;
        file.sync_data()?;
        fs::rename(next, self.position)
    }
}
