//! `/{clientExtId}/users/{userExtId}/dispatch-targets/{dispatchTargetExtId}/app-attestation`

pub(crate) mod rows;

use serde_json::{Value, json};

use crate::support::answer::invalid_fields;
use crate::support::{Answer, Caller, World, created_as, no_content, ok_at, refused};

const TARGETS: &str = "/{client-123}/users/{user-123}/dispatch-targets";

fn of(target: &str) -> String {
    format!("{TARGETS}/{{{target}}}/app-attestation")
}

fn new(name: Option<&str>) -> Value {
    json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": name})
}

async fn create(world: &World, target: &str, name: Option<&str>) -> Answer {
    world.post(&of(target)).by(&Caller::root()).json(new(name)).send().await
}

async fn target(world: &World, target: &str) -> Answer {
    world.get(&format!("{TARGETS}/{{{target}}}")).by(&Caller::root()).send().await
}

fn in_use(name: &str) -> Answer {
    refused(422, "errors.duplicateValue", &format!("AppAttestation already exists with name '{name}'"))
}

#[tokio::test]
async fn a_created_attestation_is_returned_with_its_history() {
    let world = World::furnished().await;
    let mut entity = json!({"deviceId": "d", "receipt": "r", "publicKey": "p", "name": "Android"});
    for (name, value) in
        [("created", json!("<now>")), ("lastModified", json!("<now>")), ("version", json!(0))]
    {
        entity[name] = value;
    }
    let path = "/client-123/users/user-123/dispatch-targets/dt-456/app-attestation";
    let expected = created_as(path, "dt-456", entity.clone()).with("etag", "\"0\"");
    assert_eq!(create(&world, "dt-456", Some("Android")).await, expected);
    assert_eq!(world.get(&of("dt-456")).by(&Caller::root()).send().await, ok_at(0, entity));
}

#[tokio::test]
async fn a_target_has_at_most_one_attestation() {
    let world = World::furnished().await;
    let message = "AppAttestation already exists for DispatchTarget with extId 'dt-123'";
    let expected = refused(422, "errors.duplicateValue", message);
    world.post(&of("dt-123")).by(&Caller::root()).json(new(None)).expect_unchanged(expected).await;
}

#[tokio::test]
async fn concurrent_creations_create_one_attestation() {
    let world = World::furnished().await;
    let creations = (0..8).map(|_| create(&world, "dt-456", None));
    let answers = futures_util::future::join_all(creations).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [201, 409, 422].contains(&answer.status)), "{answers:?}");
}

#[tokio::test]
async fn a_target_without_an_attestation_has_none() {
    let world = World::furnished().await;
    let message = "No AppAttestation found for DispatchTarget with extId 'dt-456'";
    let missing = || refused(404, "errors.noRecord", message);
    let path = of("dt-456");
    world.get(&path).by(&Caller::root()).expect_unchanged(missing()).await;
    world.patch(&path).by(&Caller::root()).json(json!({"counter": 1})).expect_unchanged(missing()).await;
    world.delete(&path).by(&Caller::root()).expect_unchanged(missing()).await;
}

/// The target shows the attestation, so its version counts the changes.
#[tokio::test]
async fn the_version_of_the_target_counts_the_changes_of_the_attestation() {
    let world = World::furnished().await;
    let root = Caller::root();
    assert_eq!(create(&world, "dt-456", None).await.status, 201);
    assert_eq!(target(&world, "dt-456").await.body["version"], 1);
    let path = of("dt-456");
    for (change, version) in
        [(json!({"counter": 1}), 2), (json!({"counter": 1}), 2), (json!({"counter": 2}), 3)]
    {
        assert_eq!(world.patch(&path).by(&root).json(change).send().await.status, 200);
        assert_eq!(target(&world, "dt-456").await.body["version"], version);
    }
    // A change of the target is none of the attestation.
    let call = world.patch(&format!("{TARGETS}/{{dt-456}}")).by(&root).json(json!({"name": "Tablet"}));
    let answer = call.send().await;
    assert_eq!((&answer.body["version"], &answer.body["appAttestation"]["counter"]), (&json!(4), &json!(2)));
    assert_eq!(world.get(&path).by(&root).send().await.body["version"], 2);
    assert_eq!(world.delete(&path).by(&root).send().await, no_content());
    let answer = target(&world, "dt-456").await;
    assert_eq!((&answer.body["version"], &answer.body["appAttestation"]), (&json!(5), &Value::Null));
}

#[tokio::test]
async fn a_name_is_unique_within_the_user_and_can_move() {
    let world = World::furnished().await;
    let root = Caller::root();
    assert_eq!(create(&world, "dt-456", Some("iPhone")).await, in_use("iPhone"));
    assert_eq!(create(&world, "dt-456", Some("Android")).await.status, 201);
    let change =
        |target: &str, name: Value| world.patch(&of(target)).by(&root).json(json!({"name": name})).send();
    assert_eq!(change("dt-456", json!("iPhone")).await, in_use("iPhone"));
    assert_eq!(change("dt-123", Value::Null).await.status, 200);
    assert_eq!(change("dt-456", json!("iPhone")).await.status, 200);
    assert_eq!(change("dt-123", json!("Android")).await.status, 200);
    // Deleting the attestation or its target releases the name.
    assert_eq!(world.delete(&of("dt-123")).by(&root).send().await, no_content());
    assert_eq!(change("dt-456", json!("Android")).await.status, 200);
    assert_eq!(world.delete(&format!("{TARGETS}/{{dt-456}}")).by(&root).send().await, no_content());
    assert_eq!(create(&world, "dt-123", Some("Android")).await.status, 201);
    // Another user can have the same name.
    world.put_dispatch_target("{client-123}", "{user-456}", "{dt-789}", false).await;
    let path = "/{client-123}/users/{user-456}/dispatch-targets/{dt-789}/app-attestation";
    assert_eq!(world.post(path).by(&root).json(new(Some("Android"))).send().await.status, 201);
}

#[tokio::test]
async fn an_attestation_has_no_ext_id() {
    let world = World::furnished().await;
    let call = world.patch(&of("dt-123")).by(&Caller::root()).json(json!({"extId": "a"}));
    call.expect_unchanged(invalid_fields("extId")).await;
}
