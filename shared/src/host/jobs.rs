//! Hosts a job: runs that are begun by a schedule.

use std::io;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::FutureExt as _;
use lambda_http::lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use tracing::Instrument as _;

use super::{deadline_of, require_runtime, run_function};
use crate::clock::{Clock, Deadline, Random};
use crate::job::Job;
use crate::log::{log_as_json, sanitize_for_log};
use crate::metrics::lines_to;
use crate::service::Worker;
use crate::service::config::JobConfig;
use crate::table::{TableError, connection};

/// Runs the function of a job until Lambda stops it.
///
/// If the function cannot start, the reason is logged.
pub async fn run_job(job: &'static Job) -> ExitCode {
    run_function(job.id, start_worker(), async |worker| serve(job, &worker).await).await
}

/// Handles events until the runtime fails.
async fn serve(job: &'static Job, worker: &Worker) -> Result<(), Error> {
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline_of(event.context.deadline());
        // The function fails, so that its errors are counted. The reason has been logged.
        run_once(worker, job, &event.context.request_id, deadline)
            .await
            .map_err(|_| Error::from("job failed"))
    };
    Runtime::new(service_fn(handle)).run().await
}

/// Creates the worker of a function and opens its connection.
pub(super) async fn start_worker() -> Result<Worker, String> {
    log_as_json().map_err(|error| error.to_string())?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = JobConfig::read(variable).map_err(|error| error.to_string())?;
    let connection = connection::from_environment(variable)?;
    require_runtime(variable)?;
    let worker = Worker::new(config, connection, Clock::system(), Random::system());
    worker.warm_up(Deadline::after(Duration::from_secs(3))).await;
    Ok(worker.log_to(lines_to(io::stdout)))
}

/// Runs a job once, until the deadline at the latest, and logs one line.
///
/// All other lines of the run carry its ID. If the job panics, the run fails.
///
/// # Errors
/// Those of the job. A panic is [`TableError::Corrupt`].
pub async fn run_once(worker: &Worker, job: &Job, run: &str, deadline: Deadline) -> Result<(), TableError> {
    let id = sanitize_for_log(run.to_owned());
    let span = tracing::error_span!("request", request = id);
    let run = worker.begin(job.id, &id, deadline);
    let running = async { (job.run)(&run.steps).await };
    let result = AssertUnwindSafe(running).catch_unwind().instrument(span).await;
    let result = result.unwrap_or(Err(TableError::Corrupt));
    run.end(result);
    result.map(drop)
}

#[cfg(test)]
pub(super) mod tests;
