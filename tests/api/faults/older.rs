//! Stale reads: the conditions of the transaction decide, not the data that was read.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::terms::{self, TermsExtId};
use serde_json::json;
use shared::table::{Condition, Update};

use super::fault::{Call, Fault, Kind};
use super::rig::{Outcome, Rig, at, begins_deletion};
use super::scenes::{Scene, good, health};
use super::snapshot::Snapshot;
use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(a_stale_read_decides_nothing);

/// The older states, by the suffix of their table.
const STATES: [&str; 2] = ["empty", "furnished"];

fn conflict() -> Answer {
    let message = "The record was modified by another user";
    refused(409, "errors.optimisticLockingFailure", message)
}

/// Returns a furnished service with later changes: another credential refers to `{dt-123}`, the
/// mobile signature has other values, and the terms have a new version. The older states are in
/// separate tables.
async fn later() -> Option<(Rig, [Snapshot; 2])> {
    let mut rig = Rig::new().await?;
    let states = [Snapshot::default(), rig.start().clone()];
    let world = &rig.world;
    let (client, table) = world.table();
    for (state, name) in states.iter().zip(STATES) {
        let table = format!("{table}-{name}");
        local::table::make(client, &table).await.expect("a table");
        state.restore((client, &table), &Snapshot::default()).await;
    }
    world.put_credential("{uaf-5}", Some("{dt-123}")).await;
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let body = json!({"{employee_id}": "9", "{nickname}": "Jon"});
    let change = world.patch(path).by(&Caller::root()).json(body).sent();
    assert_eq!(rig.send(&change, Box::new(|_| None)).await.0.answer.status, 200);
    let body = json!({"termsExtId": "{terms-123}"});
    let consent = world.post("/{client-123}/users/{user-123}/consents").by(&Caller::root()).json(body).sent();
    assert_eq!(rig.send(&consent, Box::new(|_| None)).await.0.answer.status, 201);
    let terms = terms::key(&TermsExtId::unchecked(&world.id("terms-123")));
    let version = Some(AttributeValue::S("2".to_owned()));
    let update = Update::new(terms, Condition::Exists).set(terms::VERSION, version);
    world.put(|transaction| transaction.update(update)).await;
    let now = Snapshot::take(world.table()).await;
    rig.start_with(now).await;
    Some((rig, states))
}

/// Returns true if a stale read may lead to this outcome: the usual outcome; the response in the
/// older state, without changes; a part of the list; or a conflict if all reads are stale.
fn is_allowed(outcome: &Outcome, undisturbed: &Outcome, then: &Outcome, stays: bool) -> bool {
    let as_then = outcome.answer == then.answer && then.changes == Changes::none();
    let is_conflict = stays && outcome.answer == conflict();
    let is_part = || {
        let [part, whole] = [outcome, undisturbed].map(|outcome| {
            let body = &outcome.answer.body;
            body.get("items").unwrap_or(body).as_array()
        });
        part.zip(whole).is_some_and(|(part, whole)| part.iter().all(|item| whole.contains(item)))
    };
    outcome.scrubbed() == undisturbed.scrubbed()
        || (outcome.changes == Changes::none() && (as_then || is_conflict || is_part()))
}

/// The lists that two reads make: with older consents, there are more pending terms; with older app attestations,
/// targets lack theirs.
const JOINED: [&str; 2] = ["list-pending-terms", "list-dispatch-targets"];

async fn a_stale_read_decides_nothing(row: &'static Row) {
    read_older_states(|world| good(world, row)).await;
}

#[tokio::test]
async fn a_stale_read_does_not_change_a_health_check() {
    read_older_states(|world| vec![health(world)]).await;
}

async fn read_older_states(scenes: impl FnOnce(&World) -> Vec<Scene>) {
    let Some((mut rig, states)) = later().await else { return };
    let now = rig.start().clone();
    let mut tried = 0;
    let scenes = scenes(&rig.world);
    let mut in_state: [Vec<Outcome>; 2] = [Vec::new(), Vec::new()];
    for (state, outcomes) in states.iter().zip(&mut in_state) {
        rig.start_with(state.clone()).await;
        for scene in &scenes {
            outcomes.push(rig.undisturbed(&scene.sent).await.1);
        }
    }
    rig.start_with(now).await;
    for (index, scene) in scenes.iter().enumerate() {
        let (calls, undisturbed) = rig.undisturbed(&scene.sent).await;
        for (outcomes, name) in in_state.iter().zip(STATES) {
            let then = &outcomes[index];
            let old = Fault::Old(name);
            // A deletion finds what is left by queries, which are strongly consistent.
            let is_sweep = |call: &Call| call.kind == Kind::Query && begins_deletion(&scene.sent);
            let is_read = |call: &Call| call.kind != Kind::Transact && !is_sweep(call);
            for call in calls.iter().copied().filter(is_read) {
                for stays in [false, true] {
                    let plan = at(call, move |number| (stays || number == 1).then_some(old));
                    let outcome = rig.outcome(&scene.sent, plan).await;
                    let is_mixed = JOINED.contains(&scene.name.as_str())
                        && outcome.answer.status == 200
                        && outcome.changes == Changes::none();
                    assert!(
                        is_mixed || is_allowed(&outcome, &undisturbed, then, stays),
                        "{} with {call:?} from {name}, {stays}: {outcome:?}",
                        scene.name
                    );
                    tried += 1;
                }
            }
            if begins_deletion(&scene.sent) {
                continue;
            }
            let every =
                move |attempt: &super::calls::Attempt| (attempt.call.kind != Kind::Transact).then_some(old);
            let outcome = rig.outcome(&scene.sent, Box::new(every)).await;
            assert!(
                is_allowed(&outcome, &undisturbed, then, true),
                "{} from {name}: {outcome:?}",
                scene.name
            );
            tried += 1;
        }
    }
    println!("{tried} requests that read an older state");
}
