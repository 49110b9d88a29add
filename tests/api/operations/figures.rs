//! The cost of a request, as logged in its line.
//!
//! The units are those of DynamoDB for items of up to 1 KB: a read of an item costs one read unit,
//! even if the item does not exist; a page of a query costs one unit for each 4 KB in total; each
//! action of a transaction, including a condition check, costs two write units. The embedded engine
//! reports the same. DynamoDB Local reports the cost of one action of a transaction only, and none
//! for missing items, so the units are not compared on other engines.

use local::costs::Cost;
use serde_json::{Value, json};

use super::for_each_operation;
use super::rows::Row;
use crate::support::items::Changes;
use crate::support::target::{self, Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    requests_cost_the_documented_units,
    an_idempotency_key_costs_a_read_and_a_write,
    unauthenticated_requests_cost_nothing,
);

/// Trips, calls, read units and write units of a good request to an operation.
fn expected(operation: &str) -> (usize, usize, f64, f64) {
    let cost = Cost::of(operation).expect("a cost");
    (cost.trips.len(), cost.calls(), cost.read.units, cost.write.units)
}

fn costs(trips: usize, calls: usize, reads: f64, writes: f64) -> Value {
    comparable(&json!({"TableTrips": trips, "TableCalls": calls, "ReadUnits": reads, "WriteUnits": writes}))
}

/// Returns the cost in the only new log line.
fn logged(world: &World) -> Value {
    let [line] = world.lines().try_into().expect("one line");
    comparable(&line)
}

/// Returns the figures that the engine reports correctly.
fn comparable(line: &Value) -> Value {
    let costs = ["TableTrips", "TableCalls", "ReadUnits", "WriteUnits"];
    let costs = if target::engine().is_none() { &costs[..] } else { &costs[..2] };
    costs.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect()
}

async fn logging_world() -> Option<World> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the log of another process") {
        return None;
    }
    Some(World::furnished().await)
}

async fn requests_cost_the_documented_units(row: &'static Row) {
    let Some(world) = logging_world().await else { return };
    let answer = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!(answer.status, row.success);
    let (trips, calls, reads, writes) = expected(row.id);
    assert_eq!(logged(&world), costs(trips, calls, reads, writes));
}

/// An `Idempotency-Key` costs a read before the transaction and a write in it. Repeating the request
/// costs the read only.
async fn an_idempotency_key_costs_a_read_and_a_write(row: &'static Row) {
    if !row.writes() {
        return;
    }
    let Some(world) = logging_world().await else { return };
    let call = || row.call(&world).by(&Caller::root()).header("idempotency-key", "key");
    assert_eq!(call().send().await.status, row.success);
    let (trips, calls, reads, writes) = expected(row.id);
    // The response of a deletion is stored at its begin and at its end.
    let writes = if row.is_deletion() { writes + 2.0 } else { writes };
    let ends = usize::from(row.is_deletion());
    assert_eq!(logged(&world), costs(trips + 1 + ends, calls + 1 + ends, reads + 1.0, writes + 2.0));
    assert_eq!(call().send().await.status, row.success);
    assert_eq!(logged(&world), costs(1, 1, 1.0, 0.0), "repeated");
}

/// A request that is rejected before the table is read costs nothing there.
async fn unauthenticated_requests_cost_nothing(row: &'static Row) {
    let Some(world) = logging_world().await else { return };
    row.call(&world).send().await;
    assert_eq!(logged(&world), costs(0, 0, 0.0, 0.0));
}

/// The table charges for a cancelled transaction, but does not report how much.
#[tokio::test]
async fn a_cancelled_transaction_reports_its_trip_only() {
    let Some(world) = logging_world().await else { return };
    let before = world.items().await;
    let call = world.post("/clients").by(&Caller::root()).json(json!({"name": "{Other}"}));
    assert_eq!(call.send().await.status, 422);
    assert_eq!(logged(&world), costs(1, 1, 0.0, 0.0));
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// A health check reads the table once.
#[tokio::test]
async fn a_health_check_costs_a_read() {
    let Some(world) = logging_world().await else { return };
    assert_eq!(world.get("/health").send().await.status, 200);
    let (trips, calls, reads, writes) = expected("get-health");
    assert_eq!(logged(&world), costs(trips, calls, reads, writes));
}
