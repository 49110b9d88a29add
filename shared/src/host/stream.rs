//! Hosts a job of the table's stream: batches of records, which are delivered again until they are processed.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::slice;

use futures_util::FutureExt as _;
use lambda_http::lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::jobs::start_worker;
use super::{deadline_of, run_function};
use crate::bus::{EventBridge, EventBus};
use crate::clock::Deadline;
use crate::job::{Outlet, Processed, StreamJob};
use crate::log::sanitize_for_log;
use crate::service::config::Publishing;
use crate::service::{Backlog, Steps, Worker};
use crate::table::TableError;
use crate::table::stream::{StreamRecord, records_of};

/// Runs the function of a job of the stream until Lambda stops it.
///
/// If the function cannot start, the reason is logged.
pub async fn run_stream_job(job: &'static StreamJob) -> ExitCode {
    let serve = async |(worker, publishing, bus): Started| {
        let bus = bus.as_ref().map(|bus| bus as &dyn EventBus);
        serve(job, &worker, &Outlet { bus, publishing: &publishing }).await
    };
    run_function(job.id, start(), serve).await
}

/// Handles events until the runtime fails.
async fn serve(job: &'static StreamJob, worker: &Worker, outlet: &Outlet<'_>) -> Result<(), Error> {
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline_of(event.context.deadline());
        let payload = event.payload.get().as_bytes();
        process(worker, job, outlet, &event.context.request_id, payload, deadline)
            .await
            .map_err(|_| Error::from("event has no records"))
    };
    Runtime::new(service_fn(handle)).run().await
}

/// What a function starts with: its worker, how it publishes, and its bus.
type Started = (Worker, Publishing, Option<EventBridge>);

/// Creates the worker of a function and the client of the bus.
async fn start() -> Result<Started, String> {
    let worker = start_worker().await?;
    let variable = |name: &str| std::env::var(name).ok();
    let publishing = Publishing::read(variable).map_err(|error| error.to_string())?;
    let bus = publishing.bus_name.clone().map(|name| EventBridge::from_environment(variable, name));
    Ok((worker, publishing, bus.transpose()?))
}

/// Processes the records of an event, until the deadline at the latest, and logs one line. Returns the response that
/// tells Lambda from which record on the event is to be delivered again.
///
/// A record that cannot be read, or with which the job panics, is passed over, so that it does not hold up the others. A
/// record that the event has twice is processed once.
///
/// # Errors
/// [`TableError::Corrupt`] if the event has no list of records.
pub async fn process(
    worker: &Worker,
    job: &StreamJob,
    outlet: &Outlet<'_>,
    run: &str,
    event: &[u8],
    deadline: Deadline,
) -> Result<Value, TableError> {
    let id = sanitize_for_log(run.to_owned());
    let span = tracing::error_span!("request", request = id);
    let run = worker.begin(job.id, &id, deadline);
    let (records, unreadable) = span.in_scope(|| readable(event)).inspect_err(|_| {
        span.in_scope(|| tracing::error!("event has no records"));
    })?;
    let Processed { done, failed } = run_with(job, &run.steps, outlet, &records).instrument(span).await;
    let left = records.len().saturating_sub(done);
    run.end(Ok(Backlog { left, oldest: None, failed: failed + unreadable }));
    let next = records.get(done).map(|record| json!({"itemIdentifier": record.sequence}));
    Ok(json!({"batchItemFailures": next.into_iter().collect::<Vec<_>>()}))
}

/// Runs the job with these records. If it panics, it runs with each of them alone, and passes over one with which it
/// panics again.
async fn run_with(
    job: &StreamJob,
    steps: &Steps,
    outlet: &Outlet<'_>,
    records: &[StreamRecord],
) -> Processed {
    let run = async |records| {
        let running = async { (job.run)(steps, outlet, records).await };
        AssertUnwindSafe(running).catch_unwind().await
    };
    if let Ok(processed) = run(records).await {
        return processed;
    }
    let mut all = Processed { done: 0, failed: 0 };
    for record in records {
        let processed = run(slice::from_ref(record)).await.unwrap_or_else(|_| {
            tracing::error!(sequence = record.sequence, "stream record makes the job panic");
            Processed { done: 1, failed: 1 }
        });
        all.done += processed.done;
        all.failed += processed.failed;
        if processed.done == 0 {
            break;
        }
    }
    all
}

/// Returns the records of an event that can be read, each once, and the number of the others, which are logged.
fn readable(event: &[u8]) -> Result<(Vec<StreamRecord>, usize), TableError> {
    let mut seen = HashSet::new();
    let (mut records, mut unreadable) = (Vec::new(), 0);
    for record in records_of(event).map_err(|_| TableError::Corrupt)? {
        match record {
            Ok(record) => {
                if seen.insert(record.id.clone()) {
                    records.push(record);
                }
            }
            Err(record) => {
                unreadable += 1;
                let sequence = record.sequence.map(sanitize_for_log);
                tracing::error!(sequence, "stream record is unreadable");
            }
        }
    }
    Ok((records, unreadable))
}

#[cfg(test)]
mod tests;
