//! Deletions that are broken off at any call to the table, and several that run at once.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use serde_json::json;

use super::{Victim, assert_left, is_elsewhere, keys, put_unique_values, records};
use crate::support::breaks::{Break, Breaks};
use crate::support::jobs::{sweep, try_sweep};
use crate::support::whole::assert_complete;
use crate::support::{Caller, World, no_content};

/// The user with everything.
const USER: Victim = Victim::User("{user-123}");
/// The number of properties of the user, of which one step releases thirty.
const PROPERTIES: usize = 40;

/// Furnishes a world with a user who has many properties, with a definition of the client that has a value, and with a
/// user of the client who is being archived.
async fn furnish(world: &World) {
    world.furnish("{Default}").await;
    put_unique_values(world, &USER.path(), PROPERTIES).await;
    let body = json!({"{department}": "a", "{nickname}": "b"});
    let path = format!("{}/mobile-signature/properties", USER.path());
    let answer = world.patch(&path).by(&Caller::root()).json(body).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Returns a furnished world whose calls can be broken off.
async fn world(breaks: &Breaks) -> World {
    let world = World::in_process(&[], |client| breaks.watch(&client)).await;
    furnish(&world).await;
    world
}

/// Returns the keys of what a deletion leaves.
async fn expected(victim: Victim) -> BTreeSet<String> {
    let world = world(&Breaks::default()).await;
    let answer = world.delete(&victim.path()).by(&Caller::root()).send().await;
    assert_eq!(answer, no_content());
    keys(&world.stored().await)
}

/// Ends a deletion that was broken off, and asserts that it leaves nothing.
async fn end(world: &World, victim: Victim, expected: &BTreeSet<String>) {
    assert_complete(&world.stored().await);
    sweep(world.table()).await;
    let is_begun = !records(&world.stored().await).is_empty();
    let answer = world.delete(&victim.path()).by(&Caller::root()).send().await;
    assert_eq!(answer.status, if is_begun { 404 } else { 204 }, "{answer:?}");
    assert_eq!(assert_left(&world.stored().await, expected), 1);
}

/// Breaks off the request at each of its calls.
async fn break_off_request(victim: Victim) {
    if is_elsewhere() {
        return;
    }
    let expected = expected(victim).await;
    for how in Break::ALL {
        for calls in 0.. {
            let breaks = Breaks::default();
            let world = world(&breaks).await;
            breaks.after(calls, how);
            let request = world.delete(&victim.path()).by(&Caller::root()).send();
            let answer = breaks.run(request).await;
            if !breaks.stop() {
                assert_eq!(answer, Some(no_content()));
                assert!(calls > 6, "only {calls} calls");
                break;
            }
            let statuses = answer.map(|answer| answer.status);
            let is_begun = !records(&world.stored().await).is_empty();
            let expected_status = match how {
                Break::Unsent => [Some(if is_begun { 202 } else { 503 })].into(),
                // The table may have applied the mark, or nothing yet.
                Break::Unanswered => vec![Some(202), Some(503)],
                Break::Death => vec![None],
            };
            assert!(expected_status.contains(&statuses), "{how:?} {calls}: {statuses:?}");
            end(&world, victim, &expected).await;
        }
    }
}

/// Breaks off runs of the job: each run makes one call more than the one before.
async fn break_off_job(victim: Victim) {
    if is_elsewhere() {
        return;
    }
    let expected = expected(victim).await;
    for how in Break::ALL {
        let breaks = Breaks::default();
        let world = world(&breaks).await;
        let (client, table) = world.table();
        let broken = breaks.watch(client);
        victim.begin(&world).await;
        for calls in 0.. {
            breaks.after(calls, how);
            let run = breaks.run(try_sweep((&broken, table))).await;
            if !breaks.stop() {
                assert_eq!(run, Some(Ok(())));
                assert!(calls > 6, "only {calls} calls");
                break;
            }
            assert!(run != Some(Ok(())), "{how:?} {calls}");
            assert_complete(&world.stored().await);
        }
        assert_eq!(assert_left(&world.stored().await, &expected), 1);
    }
}

#[tokio::test]
async fn a_deletion_of_a_user_may_be_broken_off_at_any_call() {
    break_off_request(USER).await;
}

#[tokio::test]
async fn a_deletion_of_a_client_may_be_broken_off_at_any_call() {
    break_off_request(Victim::Client).await;
}

#[tokio::test]
async fn the_job_may_be_broken_off_at_any_call_while_it_deletes_a_user() {
    break_off_job(USER).await;
}

#[tokio::test]
async fn the_job_may_be_broken_off_at_any_call_while_it_deletes_a_client() {
    break_off_job(Victim::Client).await;
}

/// Runs the job several times at once with the request, and asserts that each item is counted once.
async fn delete_at_once(victim: Victim, jobs: usize) {
    if is_elsewhere() {
        return;
    }
    let expected = expected(victim).await;
    let world = world(&Breaks::default()).await;
    victim.begin(&world).await;
    let before = keys(&world.stored().await);
    let request = world.delete(&victim.path()).by(&Caller::root()).send();
    let runs = join_all((0..jobs).map(|_| try_sweep(world.table())));
    let (answer, runs) = join(request, runs).await;
    assert!([202, 204].contains(&answer.status), "{answer:?}");
    assert_eq!(runs, vec![Ok(()); jobs]);
    sweep(world.table()).await;
    let items = world.stored().await;
    assert_eq!(assert_left(&items, &expected), 1);
    // The entry among the deletions that have not ended is not counted.
    let deleted = before.difference(&expected).count() - 1;
    assert_eq!(records(&items)[0].deleted, deleted as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sweepers_delete_a_user_once() {
    for jobs in [1, 2, 4] {
        delete_at_once(USER, jobs).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sweepers_delete_a_client_once() {
    for jobs in [1, 2, 4] {
        delete_at_once(Victim::Client, jobs).await;
    }
}
