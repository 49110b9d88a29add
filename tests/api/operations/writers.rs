//! Two callers that change the same object at the same time. `RACE_ROUNDS` sets the number of rounds.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::for_each_operation;
use super::rows::Row;
use crate::races::rounds;
use crate::support::answer::busy;
use crate::support::call::Call;
use crate::support::{Answer, Caller, World};

for_each_operation!(
    of_two_changes_of_one_version_one_is_applied,
    concurrent_changes_of_different_members_are_both_kept,
);

fn change<'a>(world: &'a World, row: &Row, body: Value) -> Call<'a> {
    world.call(row.method, row.path).by(&Caller::root()).json(body)
}

/// Returns the object as a change that changes nothing shows it.
async fn read(world: &World, row: &Row) -> Answer {
    let answer = change(world, row, json!({})).send().await;
    assert_eq!(answer.status, row.success, "{answer:?}");
    answer
}

/// Returns the number in an `ETag`.
fn version(answer: &Answer) -> u64 {
    answer.headers["etag"][0].trim_matches('"').parse().expect("a version")
}

/// Merges a JSON merge patch without `null` into a value.
fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// Asserts that the object is as before with these changes.
fn assert_changed(world: &World, before: &Answer, changes: &[&Value], now: &Answer) {
    let mut expected = before.body.clone();
    for change in changes {
        merge(&mut expected, &world.names().scrub(world.names().fill_json((*change).clone())));
    }
    // Objects without a version of their own, such as the values of properties, have no history either.
    for name in ["version", "lastModified"].into_iter().filter(|name| before.body.get(name).is_some()) {
        expected[name] = now.body[name].clone();
    }
    assert_eq!(now.body, expected, "after {changes:?}");
    assert_eq!(version(now), version(before) + changes.len() as u64, "after {changes:?}");
}

/// The version is stated in the header or, in every second round, in the body.
async fn of_two_changes_of_one_version_one_is_applied(row: &'static Row) {
    let Some(bodies) = row.two_changes else { return };
    let world = World::furnished().await;
    let mut before = read(&world, row).await;
    for round in 0..rounds() {
        let changes = bodies.map(|body| body(round));
        let calls = changes.iter().enumerate().map(|(writer, body)| {
            if row.patch.is_some_and(|patch| patch.has_version) && (round + writer) % 2 == 1 {
                let mut body = body.clone();
                body["version"] = version(&before).into();
                change(&world, row, body).send()
            } else {
                change(&world, row, body.clone()).header("if-match", &before.headers["etag"][0]).send()
            }
        });
        let answers = join_all(calls).await;
        let winner = answers.iter().position(|answer| *answer != busy()).expect("one is applied");
        assert_eq!(answers[1 - winner], busy(), "besides {:?}", answers[winner]);
        let now = read(&world, row).await;
        assert_eq!(now, answers[winner]);
        assert_changed(&world, &before, &[&changes[winner]], &now);
        before = now;
    }
}

async fn concurrent_changes_of_different_members_are_both_kept(row: &'static Row) {
    let Some(bodies) = row.two_changes else { return };
    let world = World::furnished().await;
    let mut before = read(&world, row).await;
    for round in 0..rounds() {
        let changes = bodies.map(|body| body(round));
        let calls = changes.iter().map(|body| change(&world, row, body.clone()).send());
        let answers = join_all(calls).await;
        assert!(answers.iter().all(|answer| answer.status == row.success), "{answers:?}");
        let now = read(&world, row).await;
        assert_changed(&world, &before, &changes.each_ref(), &now);
        before = now;
    }
}

#[test]
fn every_operation_with_a_merge_patch_has_two_changes() {
    let lacking = super::all_rows().filter(|row| row.method == "PATCH" && row.two_changes.is_none());
    assert_eq!(lacking.map(|row| row.id).collect::<Vec<_>>(), [""; 0]);
}
