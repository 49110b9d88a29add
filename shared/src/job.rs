//! Jobs: work that runs without a caller, on a schedule or when the table changes.

use std::pin::Pin;

use crate::bus::EventBus;
pub use crate::service::Backlog;
use crate::service::Steps;
use crate::service::config::Publishing;
use crate::table::TableError;
use crate::table::stream::StreamRecord;

/// The future of a job's run.
pub type JobFuture<'a> = Pin<Box<dyn Future<Output = Result<Backlog, TableError>> + Send + 'a>>;

/// Work that runs on a schedule, without a caller.
pub struct Job {
    /// Its name, also that of its binary and its function: `verb-noun`.
    pub id: &'static str,
    /// A summary in a few words.
    pub summary: &'static str,
    /// How often it runs, in minutes.
    pub minutes: u32,
    /// Runs the job until it has done its work or [`Steps::has_time`] is false. A run may be broken off anywhere, and
    /// two runs may overlap.
    pub run: for<'a> fn(&'a Steps) -> JobFuture<'a>,
}

/// The future of a run of a job of the stream.
pub type StreamJobFuture<'a> = Pin<Box<dyn Future<Output = Processed> + Send + 'a>>;

/// Work that follows the changes of the table.
pub struct StreamJob {
    /// Its name, also that of its binary and its function: `verb-noun`.
    pub id: &'static str,
    /// A summary in a few words.
    pub summary: &'static str,
    /// Processes records in their order, until the deadline at the latest. It may get each record several times, and
    /// later ones again after earlier ones.
    pub run: for<'a> fn(&'a Steps, &'a Outlet<'a>, &'a [StreamRecord]) -> StreamJobFuture<'a>,
}

/// Where and how a job publishes changes.
pub struct Outlet<'a> {
    /// The destination of events, if there is one.
    pub bus: Option<&'a dyn EventBus>,
    /// What the deployment determines.
    pub publishing: &'a Publishing,
}

/// What a run of a job did with its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processed {
    /// The number of records, from the first one, that need not be delivered again.
    pub done: usize,
    /// The number of records that can never be processed, and were passed over.
    pub failed: usize,
}
