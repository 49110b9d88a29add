//! `POST /{clientExtId}/users/{userExtId}/dispatch-targets`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use serde_json::{Value, json};

use crate::support::answer::invalid_fields;
use crate::support::intercept::changing_outputs;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, created, no_content, refused};

const PATH: &str = "/{client-123}/users/{user-789}/dispatch-targets";
const PK: &str = "USER#client-123#user-789";
const BY: &str = "client-123/admin";

fn admin() -> Caller {
    Caller::new("{client-123}", "admin").with("nevisIdm.Helpdesk", None, None)
}

fn new(ext_id: &str) -> Value {
    json!({"extId": ext_id, "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n"})
}

async fn post(world: &World, body: Value) -> Answer {
    world.post(PATH).by(&admin()).json(body).send().await
}

#[tokio::test]
async fn a_target_is_created_with_its_attestation_in_one_transaction() {
    let world = World::furnished().await;
    let mut body = new("{dt-789}");
    body["appAttestation"] = json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": "Android"});
    let mut entity = body.clone();
    entity["extId"] = json!("dt-789");
    for (name, value) in [
        ("type", json!("fido-uaf")),
        ("stateName", json!("active")),
        ("created", json!("<now>")),
        ("lastModified", json!("<now>")),
        ("version", json!(0)),
    ] {
        entity[name] = value;
    }
    let owners = json!({"clientExtId": "client-123", "userExtId": "user-789", "extId": "dt-789"});
    let item = |members: Value| {
        let mut item = owners.clone();
        item.as_object_mut().expect("an item").extend(members.as_object().expect("members").clone());
        item
    };
    let target = item(json!({"deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n",
                             "type": "fido-uaf", "stateName": "active", "credentials": "0"}));
    let attestation = item(body["appAttestation"].clone());
    let name = shared::ids::sha256_hex("Android");
    let changes = Changes::none()
        .created(BY, [PK, "DISPATCH_TARGET#dt-789"], "DispatchTarget", target)
        .created(BY, [PK, "APP_ATTESTATION#dt-789"], "AppAttestation", attestation)
        .created(BY, [PK, &format!("APP_ATTESTATION_NAME#{name}")], "AppAttestationName", item(json!({})))
        .created(
            BY,
            ["DISPATCH_TARGET_ID#client-123#dt-789", "DISPATCH_TARGET_ID"],
            "DispatchTargetExtId",
            item(json!({"owner": PK})),
        )
        .changed_internally([PK, "USER"], 1, json!({}));
    let answer = created("/client-123/users/user-789/dispatch-targets/dt-789", entity).with("etag", "\"0\"");
    world.post(PATH).by(&admin()).json(body).expect(answer, changes).await;
}

#[tokio::test]
async fn an_ext_id_is_unique_within_the_client() {
    let world = World::furnished().await;
    let expected = refused(422, "errors.duplicateValue", "DispatchTarget already exists with extId 'dt-123'");
    world.post(PATH).by(&admin()).json(new("{dt-123}")).expect_unchanged(expected).await;
    let path = "/{client-456}/users/{user-123}/dispatch-targets";
    assert_eq!(world.post(path).by(&Caller::root()).json(new("{dt-123}")).send().await.status, 201);
    // A deleted target releases it.
    let deleted = world.delete("/{client-123}/users/{user-123}/dispatch-targets/{dt-123}").by(&admin());
    assert_eq!(deleted.send().await, no_content());
    assert_eq!(post(&world, new("{dt-123}")).await.status, 201);
}

#[tokio::test]
async fn invalid_members_of_the_attestation_are_named() {
    let world = World::furnished().await;
    for (attestation, names) in [
        (json!({}), "appAttestation.deviceId, appAttestation.publicKey, appAttestation.receipt"),
        (
            json!({"deviceId": "d", "receipt": "", "publicKey": 7, "other": null}),
            "appAttestation.other, appAttestation.publicKey, appAttestation.receipt",
        ),
        (json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "counter": -1}), "appAttestation.counter"),
        (json!("text"), "appAttestation"),
    ] {
        let mut body = new("{dt-789}");
        body["appAttestation"] = attestation;
        world.post(PATH).by(&admin()).json(body).expect_unchanged(invalid_fields(names)).await;
    }
}

#[tokio::test]
async fn unknown_types_and_states_are_named() {
    let world = World::furnished().await;
    for (member, kind) in [("type", "DispatchTargetType"), ("stateName", "DispatchTargetState")] {
        let mut body = new("{dt-789}");
        body[member] = json!("other");
        let expected = refused(422, "errors.invalidParameter", &format!("Invalid {kind} name 'other'"));
        world.post(PATH).by(&admin()).json(body).expect_unchanged(expected).await;
    }
}

/// Two callers create the last one at the same time.
#[tokio::test]
async fn a_user_has_at_most_200_targets() {
    let world = World::furnished().await;
    for number in 0..199 {
        let ext_id = format!("{{target-{number}}}");
        world.put_dispatch_target("{client-123}", "{user-789}", &ext_id, false).await;
    }
    let last = [post(&world, new("{dt-1}")), post(&world, new("{dt-2}"))];
    let mut answers = futures_util::future::join_all(last).await;
    answers.sort_by_key(|answer| answer.status);
    let full = refused(422, "errors.invalidData", "User has the maximum of 200 dispatch targets: user-789");
    assert_eq!((answers[0].status, &answers[1]), (201, &full));
    assert_eq!(post(&world, new("{dt-3}")).await, full);
}

/// The targets are counted while the user is read. Another creation may come between the two.
#[tokio::test]
async fn an_older_count_does_not_exceed_the_maximum() {
    let is_older = Arc::new(AtomicBool::default());
    let next = Arc::clone(&is_older);
    let watch = move |client: Client| {
        let next = Arc::clone(&next);
        changing_outputs(&client, move |output: &mut QueryOutput| {
            if next.swap(false, Ordering::SeqCst) {
                output.count -= 1;
            }
        })
    };
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that responds late") {
        return;
    }
    let world = World::in_process(&[], watch).await;
    world.furnish("{Default}").await;
    for number in 0..200 {
        let ext_id = format!("{{target-{number}}}");
        world.put_dispatch_target("{client-123}", "{user-789}", &ext_id, false).await;
    }
    is_older.store(true, Ordering::SeqCst);
    let full = refused(422, "errors.invalidData", "User has the maximum of 200 dispatch targets: user-789");
    assert_eq!(post(&world, new("{dt-1}")).await, full);
    assert!(!is_older.load(Ordering::SeqCst), "an older count was returned");
}
