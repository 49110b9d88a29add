//! What an operation costs: its calls to the table, in trips one after the other.

use std::collections::BTreeSet;

use local::costs::Cost;

use super::rows::Row;
use super::table::ROWS;
use crate::agreement::granted_actions;
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

/// The trips of a good request to an operation; the calls of one trip are under way together.
fn expected(operation: &str) -> Vec<Vec<String>> {
    Cost::of(operation).expect("a cost").trips
}

async fn recorded_world() -> Option<(World, Recorder)> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "its calls to the table") {
        return None;
    }
    let recorder = Recorder::default();
    let world = World::in_process(&[], |client| recorder.watch(&client)).await;
    world.furnish("{Default}").await;
    Some((world, recorder))
}

#[tokio::test]
async fn an_operation_makes_the_calls_of_the_design() {
    let Some((world, recorder)) = recorded_world().await else { return };
    for row in &ROWS {
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer.status, row.success, "{}", row.id);
        assert_eq!(recorder.trips(), expected(row.id), "{}", row.id);
    }
}

/// A unique value that changes costs two actions more, and no trip.
#[tokio::test]
async fn a_unique_value_moves_in_the_same_transaction() {
    let Some((world, recorder)) = recorded_world().await else { return };
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let call = |body| world.patch(path).by(&Caller::root()).json(body);
    let body = serde_json::json!({"{employee_id}": "2", "{nickname}": "Joe"});
    assert_eq!(call(body.clone()).send().await.status, 200);
    let trips = recorder.trips();
    assert_eq!(trips, [["BatchGetItem of 7"], ["TransactWriteItems of update delete put"]]);
    // Nothing changes the second time.
    assert_eq!(call(body).send().await.status, 200);
    assert_eq!(recorder.trips(), [["BatchGetItem of 7"]]);
}

/// Whether something is there is not told to callers who may not know it: the table is not asked.
#[tokio::test]
async fn who_may_not_ask_makes_no_calls() {
    let Some((world, recorder)) = recorded_world().await else { return };
    let before = world.items().await;
    let of_another = Caller::new("{client-other}", "admin").with("nevisIdm.Root", None, None);
    for row in &ROWS {
        row.call(&world).send().await;
        row.call(&world).by(&Caller::new("{client-123}", "nobody")).send().await;
        row.call(&world).by(&of_another).send().await;
        if row.any_right {
            row.call(&world).by(&Caller::the_user()).send().await;
        }
        assert_eq!(recorder.trips(), [[""; 0]; 0], "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// What is wrong with a body is told before the table is asked.
#[tokio::test]
async fn a_body_that_is_wrong_makes_no_calls() {
    let Some((world, recorder)) = recorded_world().await else { return };
    let has_body = |row: &&Row| row.good_body().is_some();
    for row in ROWS.iter().filter(has_body) {
        let call = || world.call(row.method, row.path).by(&Caller::root());
        call().send().await;
        call().header("content-type", "text/plain").text("{}").send().await;
        call().header("content-type", "application/json").text("{").send().await;
        let mut body = row.good_body().expect("a body");
        body["unheardOf"] = serde_json::json!(1);
        call().json(body).send().await;
        assert_eq!(recorder.trips(), [[""; 0]; 0], "{}", row.id);
    }
}

/// A refusal that needs stored data costs no more trips than the success.
#[tokio::test]
async fn a_refusal_makes_no_more_trips_than_a_success() {
    let Some((world, recorder)) = recorded_world().await else { return };
    for row in &ROWS {
        let most = expected(row.id).len();
        let mut calls = Vec::new();
        if let Some(taken) = &row.taken {
            calls.push(world.call(row.method, row.path).json((taken.body)()));
        }
        if row.has_client() {
            let path = row.path.replace("{client-123}", "{client-999}");
            calls.push(world.call(row.method, &path).json_if(row.good_body()));
        }
        if row.has_user() {
            let path = row.path.replace("{user-123}", "{user-999}");
            calls.push(world.call(row.method, &path).json_if(row.good_body()));
        }
        for call in calls {
            let answer = call.by(&Caller::root()).send().await;
            let trips = recorder.trips();
            assert!(!trips.is_empty() && trips.len() <= most, "{}: {answer:?} {trips:?}", row.id);
        }
    }
}

/// The DynamoDB actions that a call needs, as a policy names them.
fn actions_of(call: &str) -> BTreeSet<String> {
    let action = |name: &str| format!("dynamodb:{name}");
    let Some(actions) = call.strip_prefix("TransactWriteItems of ") else {
        return BTreeSet::from([action(call.split(' ').next().unwrap_or_default())]);
    };
    let actions = actions.split(' ').map(|kind| match kind {
        "check" => action("ConditionCheckItem"),
        "put" => action("PutItem"),
        "update" => action("UpdateItem"),
        "delete" => action("DeleteItem"),
        other => panic!("no action {other}"),
    });
    actions.collect()
}

/// Each function may do what its operation does, and nothing else. With an `Idempotency-Key` it
/// does most.
#[tokio::test]
async fn the_template_grants_the_calls_that_an_operation_makes() {
    let Some((world, recorder)) = recorded_world().await else { return };
    for row in &ROWS {
        row.call(&world).by(&Caller::root()).header("idempotency-key", "key").send().await;
        if row.id == "update-mobile-signature-properties" {
            let body = serde_json::json!({"{employee_id}": "2"});
            world.call(row.method, row.path).by(&Caller::root()).json(body).send().await;
        }
        let made: BTreeSet<String> =
            recorder.trips().iter().flatten().flat_map(|call| actions_of(call)).collect();
        assert_eq!(granted_actions(row.id), made, "{}", row.id);
    }
}
