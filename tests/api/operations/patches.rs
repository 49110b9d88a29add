//! Changes of an entity: JSON merge patches, the external identifier and the version in the body.

use serde_json::{Value, json};

use super::for_each_operation;
use super::rows::{EntityPatch, Row};
use crate::support::answer::{busy, invalid_fields};
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    changes_that_change_nothing_keep_the_version,
    the_external_identifier_cannot_be_changed,
    a_version_in_the_body_must_be_current,
);

async fn send(world: &World, row: &Row, body: &Value) -> Answer {
    world.call(row.method, row.path).by(&Caller::root()).json(body.clone()).send().await
}

async fn changes_that_change_nothing_keep_the_version(row: &'static Row) {
    if row.patch.is_none() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let unchanged = send(&world, row, &json!({})).await;
    assert_eq!((unchanged.status, &unchanged.headers["etag"]), (row.success, &vec!["\"0\"".to_owned()]));
    assert_eq!(world.items().await.since(&before), Changes::none());
    let changed = send(&world, row, &(row.body)()).await;
    assert_eq!(changed.headers["etag"], ["\"1\""]);
    assert_eq!(changed.body["version"], 1);
    let before = world.items().await;
    assert_eq!(send(&world, row, &(row.body)()).await, changed);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn the_external_identifier_cannot_be_changed(row: &'static Row) {
    let Some(EntityPatch { ext_id, .. }) = row.patch.filter(|patch| !patch.ext_id.is_empty()) else { return };
    let world = World::furnished().await;
    let before = world.items().await;
    let other = send(&world, row, &json!({"extId": "{another}"})).await;
    assert_eq!(other, refused(422, "errors.modifyExtId", "The extId can not be modified"));
    for value in [Value::Null, json!(7), json!(""), json!(["a"])] {
        assert_eq!(send(&world, row, &json!({"extId": value})).await, invalid_fields("extId"));
    }
    assert_eq!(send(&world, row, &json!({"extId": ext_id})).await.status, row.success);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn a_version_in_the_body_must_be_current(row: &'static Row) {
    let Some(EntityPatch { has_version, .. }) = row.patch else { return };
    let world = World::furnished().await;
    let before = world.items().await;
    let with = |version: Value| {
        let mut body = (row.body)();
        body["version"] = version;
        body
    };
    if !has_version {
        assert_eq!(send(&world, row, &with(json!(0))).await, invalid_fields("version"));
        return;
    }
    for value in [Value::Null, json!("0"), json!(-1), json!(0.5), json!(true)] {
        assert_eq!(send(&world, row, &with(value)).await, invalid_fields("version"));
    }
    assert_eq!(send(&world, row, &with(json!(1))).await, busy());
    assert_eq!(world.items().await.since(&before), Changes::none());
    assert_eq!(send(&world, row, &with(json!(0.0))).await.status, row.success);
    assert_eq!(send(&world, row, &with(json!(0))).await, busy());
}
