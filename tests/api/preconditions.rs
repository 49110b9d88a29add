//! Versions of single objects: `ETag` and `If-Match`.

use serde_json::{Value, json};

use crate::support::answer::{busy, invalid_fields};
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, no_content, ok_at};

const PROPERTIES: &str = "/{client-123}/users/{user-123}/mobile-signature/properties";
const TARGET: &str = "/{client-123}/users/{user-123}/dispatch-targets/{dt-123}";

fn body() -> Value {
    json!({"{nickname}": "Al"})
}

fn changed() -> Value {
    json!({"employee_id": "1", "nickname": "Al"})
}

/// Sends an update and a deletion with this `If-Match`, and returns both responses.
async fn changes_if(world: &World, tags: &str) -> [Answer; 2] {
    let update = world.patch(PROPERTIES).by(&Caller::root()).header("if-match", tags).json(body());
    let deletion = world.delete(TARGET).by(&Caller::root()).header("if-match", tags);
    [update.send().await, deletion.send().await]
}

#[tokio::test]
async fn a_current_version_is_changed() {
    for tags in ["\"0\"", "*", "\"7\", \"0\"", "\"0\" ,\"7\""] {
        let world = World::furnished().await;
        assert_eq!(changes_if(&world, tags).await, [ok_at(1, changed()), no_content()], "{tags}");
    }
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let world = World::furnished().await;
    let before = world.items().await;
    for tags in ["\"1\"", "\"00\"", "\"\"", "\"1\", \"2\"", "\"-0\""] {
        assert_eq!(changes_if(&world, tags).await, [busy(), busy()], "{tags}");
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn weak_and_malformed_tags_are_invalid() {
    let world = World::furnished().await;
    let before = world.items().await;
    for tags in ["W/\"0\"", "0", "\"0", "\"0\",", "\"0\" \"1\"", "*, \"0\"", "\"0\", *"] {
        assert_eq!(
            changes_if(&world, tags).await,
            [invalid_fields("If-Match"), invalid_fields("If-Match")],
            "{tags}"
        );
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_repeated_header_is_invalid() {
    if leaves_out(&[Kind::Watch, Kind::Gateway], "the second of two equal headers, which they join or lose") {
        return;
    }
    let world = World::furnished().await;
    let call =
        world.delete(TARGET).by(&Caller::root()).header("if-match", "\"0\"").header("if-match", "\"0\"");
    assert_eq!(call.send().await, invalid_fields("If-Match"));
}

/// Of two invalid headers both are reported.
#[tokio::test]
async fn invalid_headers_are_reported_together() {
    let world = World::furnished().await;
    let call =
        world.delete(TARGET).by(&Caller::root()).header("if-match", "0").header("idempotency-key", "a b");
    assert_eq!(call.send().await, invalid_fields("Idempotency-Key, If-Match"));
}

#[tokio::test]
async fn reads_and_creations_ignore_the_header() {
    let world = World::furnished().await;
    let call = world.get(TARGET).by(&Caller::root()).header("if-match", "\"7\"");
    assert_eq!(call.send().await.status, 200);
    let call = world.post("/{client-123}/personal-questions").by(&Caller::root()).header("if-match", "\"7\"");
    assert_eq!(call.json(json!({"stateName": "active"})).send().await.status, 201);
}

/// What only the service counts, such as the credentials of a target, changes no version.
#[tokio::test]
async fn an_internal_change_keeps_the_version() {
    let world = World::furnished().await;
    let target = || world.get(TARGET).by(&Caller::root());
    let before = target().send().await;
    world.put_credential("{uaf-new}", Some("{dt-123}")).await;
    assert_eq!(target().send().await, before);
    let tag = before.headers["etag"][0].clone();
    assert_eq!(world.delete(TARGET).by(&Caller::root()).header("if-match", &tag).send().await, no_content());
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_the_version() {
    let world = World::furnished().await;
    let present = json!({"employee_id": "1", "nickname": "Jo"});
    for _ in 0..2 {
        let call = world.patch(PROPERTIES).by(&Caller::root()).header("if-match", "\"0\"");
        assert_eq!(call.json(json!({"{nickname}": "Jo"})).send().await, ok_at(0, present.clone()));
    }
}

/// A repeated request with an `Idempotency-Key` returns its `ETag` again, although the version has changed.
#[tokio::test]
async fn the_version_is_stored_with_an_idempotency_key() {
    let world = World::furnished().await;
    let call = || world.patch(PROPERTIES).by(&Caller::root()).header("idempotency-key", "key");
    for _ in 0..2 {
        let call = call().header("if-match", "\"0\"").json(body());
        assert_eq!(call.send().await, ok_at(1, changed()));
    }
}
