//! Jobs: work that runs on a schedule, without a caller.

use std::pin::Pin;

pub use crate::service::Backlog;
use crate::service::Steps;
use crate::table::TableError;

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
