//! The calls of an operation to the table, in trips: the calls of a trip are concurrent.

use std::collections::BTreeSet;

use local::costs::Cost;

use super::for_each_operation;
use super::rows::Row;
use crate::agreement::granted_actions;
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    requests_make_the_documented_calls,
    unauthorised_requests_make_no_calls,
    invalid_bodies_make_no_calls,
    refusals_make_no_more_trips_than_a_success,
    the_template_grants_exactly_the_calls_that_are_made,
);

/// Returns the trips of a good request to an operation. The calls of one trip are concurrent.
pub(super) fn expected(operation: &str) -> Vec<Vec<String>> {
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

/// Returns true if the operation reads what it then changes on condition that it is unchanged.
pub(super) fn reads_before_writing(row: &Row) -> bool {
    row.writes() && expected(row.id).len() > 1
}

async fn requests_make_the_documented_calls(row: &'static Row) {
    let Some((world, recorder)) = recorded_world().await else { return };
    let answer = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!(answer.status, row.success);
    assert_eq!(recorder.trips(), expected(row.id));
}

/// A changed unique value costs two more actions, and no more trips.
#[tokio::test]
async fn unique_values_change_in_the_same_transaction() {
    let Some((world, recorder)) = recorded_world().await else { return };
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let call = |body| world.patch(path).by(&Caller::root()).json(body);
    let body = serde_json::json!({"{employee_id}": "2", "{nickname}": "Joe"});
    assert_eq!(call(body.clone()).send().await.status, 200);
    let trips = recorder.trips();
    assert_eq!(trips, [["BatchGetItem of 7"], ["TransactWriteItems of update check check delete put"]]);
    // Nothing changes the second time.
    assert_eq!(call(body).send().await.status, 200);
    assert_eq!(recorder.trips(), [["BatchGetItem of 7"]]);
}

/// Whether an object exists is not revealed to callers without the right to know: the table is not read.
async fn unauthorised_requests_make_no_calls(row: &'static Row) {
    let Some((world, recorder)) = recorded_world().await else { return };
    if row.is_for_its_author() {
        return;
    }
    let before = world.items().await;
    let of_another = Caller::new("{client-other}", "admin").with("nevisIdm.Root", None, None);
    row.call(&world).send().await;
    row.call(&world).by(&Caller::new("{client-123}", "nobody")).send().await;
    if row.has_data_room() {
        row.call(&world).by(&of_another).send().await;
    }
    if row.takes_x_token() {
        row.call(&world).by(&Caller::the_user()).send().await;
    }
    assert_eq!(recorder.trips(), [[""; 0]; 0]);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// A body is validated before the table is read.
async fn invalid_bodies_make_no_calls(row: &'static Row) {
    let Some(mut body) = row.good_body() else { return };
    let Some((world, recorder)) = recorded_world().await else { return };
    let call = || world.call(row.method, row.path).by(&Caller::root());
    call().send().await;
    call().header("content-type", "text/plain").text("{}").send().await;
    call().header("content-type", "application/json").text("{").send().await;
    body["unheardOf"] = serde_json::json!(1);
    call().json(body).send().await;
    assert_eq!(recorder.trips(), [[""; 0]; 0]);
}

/// A refusal that depends on stored data takes no more trips than a success.
async fn refusals_make_no_more_trips_than_a_success(row: &'static Row) {
    let Some((world, recorder)) = recorded_world().await else { return };
    let most = expected(row.id).len();
    let mut calls = Vec::new();
    if let Some(conflict) = &row.conflict {
        calls.push(world.call(row.method, row.path).json((conflict.body)()));
    }
    if row.has_client() {
        let path = row.path.replace("{client-123}", "{client-999}");
        calls.push(world.call(row.method, &path).json_if(row.good_body()));
    }
    if row.has_user() {
        let path = row.path.replace(row.user(), "{user-999}");
        calls.push(world.call(row.method, &path).json_if(row.good_body()));
    }
    for call in calls {
        let answer = call.by(&Caller::root()).send().await;
        let trips = recorder.trips();
        assert!(!trips.is_empty() && trips.len() <= most, "{answer:?} {trips:?}");
    }
}

/// The DynamoDB actions that a call needs, as a policy names them.
pub(crate) fn actions_of(call: &str) -> BTreeSet<String> {
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

/// A role allows what its operation calls, and the read at the start of a function, and nothing else. With an
/// `Idempotency-Key` an operation calls most.
async fn the_template_grants_exactly_the_calls_that_are_made(row: &'static Row) {
    let Some((world, recorder)) = recorded_world().await else { return };
    row.call(&world).by(&Caller::root()).header("idempotency-key", "key").send().await;
    for body in [row.more_actions, row.more_calls].into_iter().flatten() {
        world.call(row.method, row.path).by(&Caller::root()).json(body()).send().await;
    }
    let mut made: BTreeSet<String> =
        recorder.trips().iter().flatten().flat_map(|call| actions_of(call)).collect();
    made.extend(actions_of("BatchGetItem of 1"));
    if row.is_deletion() && row.has_user() {
        // A deletion whose user is deleted with the client meanwhile checks that the user is gone.
        made.extend(actions_of("TransactWriteItems of check"));
    }
    assert_eq!(granted_actions(row.id), made);
}
