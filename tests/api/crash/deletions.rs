//! Deletions whose function is killed at every call to the table, and whose job is killed too.

use serde_json::json;

use super::are_left_out;
use super::function::Function;
use super::table_calls::{Site, timeless};
use crate::faults::fault::{Call, Fault, Kind};
use crate::faults::rig::Outcome;
use crate::faults::scenes::{Scene, good};
use crate::operations::all_rows;
use crate::support::items::Changes;
use crate::support::no_content;
use crate::support::whole::assert_complete;
use crate::support::world::operation_of;

/// The job that goes on with deletions.
const JOB: &str = "sweep-deletions";
/// How a function is killed at a call: before it is applied, after it, and while it is in flight.
const KILLS: [Fault; 3] = [Fault::Silent { applied: false }, Fault::Silent { applied: true }, Fault::Late];

/// Returns the distinct calls that the last function has made.
fn calls(site: &Site) -> Vec<Call> {
    let mut calls: Vec<Call> = site.proxy.seen().iter().map(|(attempt, _)| attempt.call).collect();
    calls.sort_unstable();
    calls.dedup();
    calls
}

/// Runs the job once, and returns what has changed since the begin.
async fn run_job(site: &Site, job: &mut Function) -> Changes {
    site.proxy.plan(Box::new(|_| None));
    job.deliver(json!({}));
    job.answer().await;
    site.changes().await.without_progress()
}

fn comparable(changes: Changes) -> String {
    timeless(&Outcome { answer: no_content(), changes })
}

/// Asserts that the table is consistent after a kill, and that the job ends what has begun.
async fn assert_ended(site: &Site, job: &mut Function, expected: &str, place: &str) {
    let begun = site.changes().await != Changes::none();
    assert_complete(&site.world.stored().await);
    let ended = comparable(run_job(site, job).await);
    let expected = if begun { expected.to_owned() } else { comparable(Changes::none()) };
    assert_eq!(ended, expected, "{place}");
    assert_complete(&site.world.stored().await);
}

fn scenes(site: &Site) -> Vec<Scene> {
    all_rows().filter(|row| row.is_deletion()).flat_map(|row| good(&site.world, row)).collect()
}

#[tokio::test]
async fn a_deletion_whose_function_is_killed_at_a_call_is_ended_by_the_job() {
    if are_left_out() {
        return;
    }
    let site = Site::new().await;
    let mut job = Function::start(JOB, &site.variables).await;
    let mut kills = 0;
    for scene in scenes(&site) {
        let operation = operation_of(&scene.sent).expect("an operation").id;
        let mut function = Function::start(operation, &site.variables).await;
        let undisturbed = site.outcome(&mut function, &scene.sent).await;
        assert_eq!(undisturbed.answer, no_content(), "{}", scene.name);
        let expected = comparable(undisturbed.changes.without_progress());
        let calls = calls(&site);
        site.restore().await;
        for call in calls {
            for fault in KILLS {
                site.kill_at(operation, &scene.sent, call, fault).await;
                let place = format!("{operation}, {}, killed at {call:?}, {fault:?}", scene.name);
                assert_ended(&site, &mut job, &expected, &place).await;
                site.restore().await;
                kills += 1;
            }
        }
    }
    println!("{kills} functions killed");
}

#[tokio::test]
async fn a_deletion_whose_job_is_killed_at_a_call_is_ended_by_the_next_run() {
    if are_left_out() {
        return;
    }
    let site = Site::new().await;
    let mut job = Function::start(JOB, &site.variables).await;
    let mut kills = 0;
    for scene in scenes(&site).into_iter().filter(|scene| !scene.has_key) {
        let operation = operation_of(&scene.sent).expect("an operation").id;
        // The read after the transaction that begins the deletion.
        let after = Call { kind: Kind::BatchGet, ordinal: 1, size: 2 };
        let begin = || site.kill_at(operation, &scene.sent, after, Fault::Silent { applied: false });
        begin().await;
        let expected = comparable(run_job(&site, &mut job).await);
        let calls = calls(&site);
        site.restore().await;
        let is_first = |call: &Call| call.kind == Kind::Transact || call.ordinal == 0;
        for call in calls.into_iter().filter(is_first) {
            for fault in KILLS {
                begin().await;
                site.kill_job_at(JOB, call, fault).await;
                let place = format!("{operation}, job killed at {call:?}, {fault:?}");
                assert_ended(&site, &mut job, &expected, &place).await;
                site.restore().await;
                kills += 1;
            }
        }
    }
    println!("{kills} jobs killed");
}
