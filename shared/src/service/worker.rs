//! The service without callers, which runs jobs.

use tokio::time::Instant;

use super::config::JobConfig;
use super::steps::{Backlog, Steps};
use crate::clock::{Clock, Deadline, Random};
use crate::metrics::{JobRecord, RequestLog};
use crate::table::{Connection, Meter, Stamp, Table, TableError};

/// The service without callers, which runs jobs. It has no keys, no roles and no operations.
pub struct Worker {
    table: Table,
    clock: Clock,
    log: RequestLog,
}

impl Worker {
    /// Creates the service of this configuration.
    #[must_use]
    pub fn new(config: JobConfig, connection: impl Into<Connection>, clock: Clock, random: Random) -> Self {
        let table = Table::new(connection, config.table_name, random);
        Self { table, clock, log: RequestLog::new(config.metrics_namespace) }
    }

    /// Returns the service with `sink` as destination of its log.
    #[must_use]
    pub fn log_to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { log: self.log.to(sink), ..self }
    }

    /// Opens the connection to the table before the first run.
    pub async fn warm_up(&self, deadline: Deadline) {
        // A failed table call has been logged already.
        let _ = self.table.ask(deadline).await;
    }

    /// Begins a run of the job `id`, which is to end at the deadline.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it takes is about waiting, not about the time of day"
    )]
    pub fn begin<'a>(&'a self, id: &'static str, run: &'a str, deadline: Deadline) -> Run<'a> {
        let meter = Meter::default();
        let stamp = Stamp { now: self.clock.now(), by: id.to_owned(), request: run.to_owned() };
        let steps = Steps { table: self.table.metered(&meter), deadline, stamp };
        Run { worker: self, id, steps, meter, started: Instant::now() }
    }
}

/// A run of a job.
pub struct Run<'a> {
    worker: &'a Worker,
    id: &'static str,
    /// The access for its steps.
    pub steps: Steps,
    meter: Meter,
    started: Instant,
}

impl Run<'_> {
    /// Logs the line of the run.
    pub fn end(self, result: Result<Backlog, TableError>) {
        let Self { worker, id, steps, meter, started } = self;
        let age = |oldest| steps.stamp.now.since(oldest);
        let failed = result.map(|backlog| backlog.failed).unwrap_or_default();
        let backlog =
            result.ok().map(|Backlog { left, oldest, .. }| (left, oldest.map(age).unwrap_or_default()));
        worker.log.write_job(&JobRecord {
            at: steps.stamp.now,
            job: id,
            run: &steps.stamp.request,
            latency: started.elapsed(),
            usage: meter.usage(),
            backlog,
            failed,
        });
    }
}
