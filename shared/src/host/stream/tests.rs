//! Tests that a record with which a job panics does not hold up the others.

use super::*;
use crate::host::jobs::tests::worker;
use crate::job::StreamJobFuture;
use crate::log::tests::Log;
use crate::table::tests::{Answer, seconds};

/// Processes all records, but panics if the third is among them.
fn panicking<'a>(_: &'a Steps, _: &'a Outlet<'a>, records: &'a [StreamRecord]) -> StreamJobFuture<'a> {
    assert!(records.iter().all(|record| record.sequence != "3"), "a secret");
    Box::pin(async { Processed { done: records.len(), failed: 0 } })
}

/// Equivalent to [`panicking`], but the fourth record is never processed.
fn failing<'a>(steps: &'a Steps, outlet: &'a Outlet<'a>, records: &'a [StreamRecord]) -> StreamJobFuture<'a> {
    let processed = panicking(steps, outlet, records);
    Box::pin(async {
        let all = processed.await;
        let done = records.iter().position(|record| record.sequence == "4").unwrap_or(all.done);
        Processed { done, ..all }
    })
}

/// Processes an event with five records. Returns the response, and the line without the members that all lines have.
async fn run(
    region: &'static str,
    run: for<'a> fn(&'a Steps, &'a Outlet<'a>, &'a [StreamRecord]) -> StreamJobFuture<'a>,
) -> (Value, Value) {
    let (worker, lines, _) = worker(region, Answer::Done);
    let job = StreamJob { id: "follow-things", summary: "Follow things", run };
    let publishing = Publishing::read(|_| None).expect("defaults");
    let record = |sequence| {
        let image = json!({"PK": {"S": "A"}, "SK": {"S": sequence}});
        json!({"eventID": sequence, "dynamodb": {"SequenceNumber": sequence, "NewImage": image}})
    };
    let records = ["1", "2", "3", "4", "5"].map(record);
    let event = json!({"Records": records}).to_string();
    let outlet = Outlet { bus: None, publishing: &publishing };
    let answer = process(&worker, &job, &outlet, "run-1", event.as_bytes(), seconds(10)).await;
    let lines = lines.lock().expect("not poisoned");
    let [line] = &lines[..] else { panic!("one line: {lines:?}") };
    let line: Value = serde_json::from_str(line).expect("JSON");
    let figures =
        json!({"message": line["message"], "left": line["Backlog"], "failed": line["FailedRecords"]});
    (answer.expect("records"), figures)
}

#[tokio::test(start_paused = true)]
async fn a_record_with_which_the_job_panics_is_passed_over_and_counted() {
    let log = Log::default();
    let guard = log.collect("error");
    let (answer, figures) = run("stream-panics", panicking).await;
    drop(guard);
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(figures, json!({"message": "job ended", "left": 0, "failed": 1}));
    let expected = json!({
        "level": "ERROR", "target": "shared::host::stream", "message": "stream record makes the job panic",
        "sequence": "3", "span": {"name": "request", "request": "run-1"},
    });
    assert_eq!(log.lines(&["timestamp"]), [expected]);
}

#[tokio::test(start_paused = true)]
async fn records_after_one_with_which_the_job_panics_are_delivered_again_if_they_fail() {
    let (answer, figures) = run("stream-fails", failing).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "4"}]}));
    assert_eq!(figures, json!({"message": "job ended", "left": 2, "failed": 1}));
}
