//! Tests that every run of a job ends with one line, and its exact text.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;
use crate::auth::tests::{NOW, now};
use crate::clock::Timestamp;
use crate::job::{Backlog, JobFuture};
use crate::log::tests::Log;
use crate::metrics::Namespace;
use crate::service::Steps;
use crate::table::tests::{Answer, Wire, random, seconds};
use crate::table::{Key, Stamp};

/// The lines of a worker.
pub(in crate::host) type Lines = Arc<Mutex<Vec<String>>>;

fn job(run: for<'a> fn(&'a Steps) -> JobFuture<'a>) -> Job {
    Job { id: "sweep-things", summary: "Sweep things", minutes: 1, run }
}

/// Returns a worker whose table answers this, with its lines.
pub(in crate::host) fn worker(region: &'static str, answer: Answer) -> (Worker, Lines, Wire) {
    let wire = Wire::new(move |_| answer.clone());
    let config = JobConfig {
        table_name: "the-table".to_owned(),
        metrics_namespace: Namespace::parse("identity").ok(),
    };
    let lines = Lines::default();
    let sink = Arc::clone(&lines);
    let worker = Worker::new(config, wire.client(region), Clock::from_fn(now), random())
        .log_to(move |line| sink.lock().expect("not poisoned").push(line.to_owned()));
    (worker, lines, wire)
}

/// Runs a job once. Returns its result and the lines.
async fn run(
    region: &'static str,
    answer: Answer,
    run: for<'a> fn(&'a Steps) -> JobFuture<'a>,
) -> (Result<(), TableError>, Vec<String>) {
    let (worker, lines, _) = worker(region, answer);
    let result = run_once(&worker, &job(run), "run-1", seconds(10)).await;
    let lines = lines.lock().expect("not poisoned").clone();
    (result, lines)
}

/// Returns the time this many seconds before the run.
fn before(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis((NOW - seconds) * 1000).expect("a moment")
}

fn reading(steps: &Steps) -> JobFuture<'_> {
    Box::pin(async {
        tokio::time::sleep(Duration::from_millis(12)).await;
        steps.get_many(&[Key::new(&["A"], &["A"])]).await?;
        Ok(Backlog { left: 2, oldest: Some(before(90)), failed: 0 })
    })
}

#[tokio::test(start_paused = true)]
async fn a_successful_run_logs_its_figures_and_what_is_left() {
    let units = json!([{"TableName": "the-table", "CapacityUnits": 1.5}]);
    let answer = Answer::Ok(json!({"Responses": {}, "ConsumedCapacity": units}));
    let (result, lines) = run("run-done", answer, reading).await;
    assert_eq!(result, Ok(()));
    assert_eq!(
        lines,
        [
            r#"{"timestamp":"2027-01-15T08:00:00Z","level":"INFO","message":"job ended","job":"sweep-things","request":"run-1","Latency":12,"TableTrips":1,"TableCalls":1,"ReadUnits":1.5,"WriteUnits":0.0,"Backlog":2,"BacklogAge":90,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["job"]],"Metrics":[{"Name":"BacklogAge","Unit":"Seconds"}],"Namespace":"identity"}],"Timestamp":1800000000000}}"#
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_anything_left_the_backlog_has_the_age_zero() {
    let (result, lines) = run("run-idle", Answer::Done, |_| Box::pin(async { Ok(Backlog::default()) })).await;
    assert_eq!(result, Ok(()));
    assert_eq!(
        lines,
        [
            r#"{"timestamp":"2027-01-15T08:00:00Z","level":"INFO","message":"job ended","job":"sweep-things","request":"run-1","Latency":0,"TableTrips":0,"TableCalls":0,"ReadUnits":0.0,"WriteUnits":0.0,"Backlog":0,"BacklogAge":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["job"]],"Metrics":[{"Name":"BacklogAge","Unit":"Seconds"}],"Namespace":"identity"}],"Timestamp":1800000000000}}"#
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_logs_an_error_without_a_backlog() {
    let refused = Answer::Error(400, "ValidationException", json!({}));
    let (result, lines) = run("run-failed", refused, reading).await;
    assert_eq!(result, Err(TableError::Refused));
    assert_eq!(
        lines,
        [
            r#"{"timestamp":"2027-01-15T08:00:00Z","level":"ERROR","message":"job failed","job":"sweep-things","request":"run-1","Latency":12,"TableTrips":1,"TableCalls":1,"ReadUnits":0.0,"WriteUnits":0.0}"#
        ]
    );
}

/// A job may panic before its first step too.
#[tokio::test(start_paused = true)]
async fn a_panicking_job_is_a_failed_run_and_the_next_run_succeeds() {
    let (worker, lines, _) = worker("run-panics", Answer::Done);
    for panicking in [job(|_| Box::pin(async { panic!("a secret") })), job(|_| panic!("a secret"))] {
        let result = run_once(&worker, &panicking, "run-1", seconds(10)).await;
        assert_eq!(result, Err(TableError::Corrupt));
    }
    assert_eq!(
        *lines.lock().expect("not poisoned"),
        [r#"{"timestamp":"2027-01-15T08:00:00Z","level":"ERROR","message":"job failed","job":"sweep-things","request":"run-1","Latency":0,"TableTrips":0,"TableCalls":0,"ReadUnits":0.0,"WriteUnits":0.0}"#;
            2]
    );
    let idle = job(|_| Box::pin(async { Ok(Backlog::default()) }));
    assert_eq!(run_once(&worker, &idle, "run-2", seconds(10)).await, Ok(()));
    assert_eq!(lines.lock().expect("not poisoned").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_the_author_of_what_a_run_changes() {
    let (worker, _, _) = worker("run-stamp", Answer::Done);
    let run = worker.begin("sweep-things", "run-1", seconds(10));
    let stamp = Stamp { now: now(), by: "sweep-things".to_owned(), request: "run-1".to_owned() };
    assert_eq!(run.steps.stamp(), &stamp);
}

#[tokio::test(start_paused = true)]
async fn a_run_has_the_time_until_its_deadline() {
    let (worker, ..) = worker("run-time", Answer::Done);
    let has_time = [3, 9].map(|left| worker.begin("sweep-things", "run-1", seconds(left)).steps.has_time());
    assert_eq!(has_time, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_warm_up_of_a_worker_calls_the_table_once_and_logs_no_line() {
    let (worker, lines, wire) = worker("run-warm-up", Answer::Done);
    worker.warm_up(seconds(1)).await;
    assert_eq!(wire.calls().len(), 1);
    assert!(lines.lock().expect("not poisoned").is_empty());
}

/// The ID comes from outside.
#[tokio::test(start_paused = true)]
async fn all_lines_of_a_run_carry_its_sanitised_id() {
    let (worker, lines, _) = worker("run-followed", Answer::Done);
    let log = Log::default();
    let guard = log.collect("error");
    let logging_an_error = job(|_| {
        Box::pin(async {
            tracing::error!("something failed");
            Ok(Backlog::default())
        })
    });
    assert_eq!(run_once(&worker, &logging_an_error, "a\nb", seconds(10)).await, Ok(()));
    drop(guard);
    let expected = json!({
        "level": "ERROR", "target": "shared::host::jobs::tests", "message": "something failed",
        "span": {"name": "request", "request": "a?b"},
    });
    assert_eq!(log.lines(&["timestamp"]), [expected]);
    let lines = lines.lock().expect("not poisoned");
    assert!(lines[0].contains(r#""request":"a?b""#), "{lines:?}");
}
