//! What the line of an answer tells of its cost.
//!
//! The units are those of DynamoDB for items of up to 1 KB, as all are here: an item that is read
//! costs one read unit, and so does one that is not there; a page of a query costs one for each
//! 4 KB together; each action of a transaction costs two write units, a mere check too. The embedded
//! engine tells the same. DynamoDB Local does not: it tells what one action of a transaction costs,
//! and nothing of an item that is not there. On another engine the units are left out.

use local::costs::Cost;
use serde_json::{Value, json};

use super::table::ROWS;
use crate::support::items::Changes;
use crate::support::target::{self, Kind, leaves_out};
use crate::support::{Caller, World};

/// Trips, calls, read units and write units of a good request to an operation.
fn expected(operation: &str) -> (usize, usize, f64, f64) {
    let cost = Cost::of(operation).expect("a cost");
    (cost.trips.len(), cost.calls(), cost.read.units, cost.write.units)
}

fn costs(trips: usize, calls: usize, reads: f64, writes: f64) -> Value {
    comparable(&json!({"TableTrips": trips, "TableCalls": calls, "ReadUnits": reads, "WriteUnits": writes}))
}

/// The cost that the one new line tells of.
fn told(world: &World) -> Value {
    let [line] = world.lines().try_into().expect("one line");
    comparable(&line)
}

/// What the engine tells rightly.
fn comparable(line: &Value) -> Value {
    let costs = ["TableTrips", "TableCalls", "ReadUnits", "WriteUnits"];
    let costs = if target::engine().is_none() { &costs[..] } else { &costs[..2] };
    costs.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect()
}

async fn told_world() -> Option<World> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "what it writes of its answers") {
        return None;
    }
    Some(World::furnished().await)
}

#[tokio::test]
async fn a_good_request_costs_what_the_design_says() {
    let Some(world) = told_world().await else { return };
    for row in &ROWS {
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer.status, row.success, "{}", row.id);
        let (trips, calls, reads, writes) = expected(row.id);
        assert_eq!(told(&world), costs(trips, calls, reads, writes), "{}", row.id);
    }
}

/// An `Idempotency-Key` costs one read before and one write in the transaction; the same request
/// again costs the read alone.
#[tokio::test]
async fn an_idempotency_key_costs_a_read_and_a_write() {
    let Some(world) = told_world().await else { return };
    for row in ROWS.iter().filter(|row| row.method != "GET") {
        let call = || row.call(&world).by(&Caller::root()).header("idempotency-key", "key");
        assert_eq!(call().send().await.status, row.success, "{}", row.id);
        let (trips, calls, reads, writes) = expected(row.id);
        assert_eq!(told(&world), costs(trips + 1, calls + 1, reads + 1.0, writes + 2.0), "{}", row.id);
        assert_eq!(call().send().await.status, row.success, "{}", row.id);
        assert_eq!(told(&world), costs(1, 1, 1.0, 0.0), "{} again", row.id);
    }
}

/// The table charges for a cancelled transaction, but does not tell how much.
#[tokio::test]
async fn of_a_cancelled_transaction_the_trip_alone_is_told() {
    let Some(world) = told_world().await else { return };
    let before = world.items().await;
    let call = world.post("/clients").by(&Caller::root()).json(json!({"name": "{Other}"}));
    assert_eq!(call.send().await.status, 422);
    assert_eq!(told(&world), costs(1, 1, 0.0, 0.0));
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// The health of the service is a read that is paid like any other.
#[tokio::test]
async fn the_health_costs_a_read() {
    let Some(world) = told_world().await else { return };
    assert_eq!(world.get("/health").send().await.status, 200);
    let (trips, calls, reads, writes) = expected("get-health");
    assert_eq!(told(&world), costs(trips, calls, reads, writes));
}

/// Who is refused before the table is asked costs nothing there.
#[tokio::test]
async fn who_may_not_ask_costs_nothing() {
    let Some(world) = told_world().await else { return };
    for row in &ROWS {
        row.call(&world).send().await;
        assert_eq!(told(&world), costs(0, 0, 0.0, 0.0), "{}", row.id);
    }
}
