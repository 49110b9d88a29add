//! `GET /health`: public, and only about the table.

use std::collections::BTreeSet;

use serde_json::json;

use crate::agreement::granted_actions;
use crate::support::events::GATEWAYS;
use crate::support::items::Changes;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World, ok, refused};

#[tokio::test]
async fn everybody_can_read_the_status_of_the_table() {
    let world = World::furnished().await;
    let before = world.items().await;
    let answer = ok(json!({"status": "pass"}));
    assert_eq!(world.get("/health").send().await, answer);
    assert_eq!(world.get("/health").by(&Caller::root()).send().await, answer);
    let broken = world.get("/health").header("authorization", "Bearer x").header("x-token", "x");
    assert_eq!(broken.send().await, answer);
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn every_gateway_returns_the_status() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another gateway's events") {
        return;
    }
    for gateway in GATEWAYS {
        let world = World::behind(gateway).await;
        assert_eq!(world.get("/health").send().await, ok(json!({"status": "pass"})), "{gateway:?}");
    }
}

#[tokio::test]
async fn table_failures_are_reported_as_by_other_operations() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails") {
        return;
    }
    // Nothing listens on the discard port.
    let world = World::in_process(&[], |_| local::engine::client("http://127.0.0.1:9")).await;
    let message = "Service unavailable, try again later";
    let unavailable = refused(503, "errors.fatalError", message).with("retry-after", "1");
    assert_eq!(world.get("/health").send().await, unavailable);
    let world = World::in_process(&[("TABLE_NAME", "made")], |client| client).await;
    world.drop_table().await;
    assert_eq!(world.get("/health").send().await, refused(500, "errors.fatalError", "Internal error"));
}

/// The operation reads a key that no item has in one call, which is all that its function may do.
#[tokio::test]
async fn a_health_check_reads_the_table_once() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "its calls to the table") {
        return;
    }
    let recorder = Recorder::default();
    let world = World::in_process(&[], |client| recorder.watch(&client)).await;
    assert_eq!(world.get("/health").send().await.status, 200);
    assert_eq!(recorder.trips(), [["BatchGetItem of 1"]]);
    assert_eq!(granted_actions("get-health"), BTreeSet::from(["dynamodb:BatchGetItem".to_owned()]));
}
