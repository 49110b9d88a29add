//! Objects that change during a request.

use serde_json::json;

use super::calls::{expected, reads_before_writing};
use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::{busy, not_unique};
use crate::support::items::Changes;
use crate::support::stale::Stale;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

for_each_operation!(
    concurrent_changes_are_retried,
    repeated_concurrent_changes_are_reported,
    operations_that_only_write_send_one_transaction,
);

/// Returns true if a request starts again when something that it read has changed.
fn starts_again(row: &Row) -> bool {
    reads_before_writing(row) && !row.only_needs_existence
}

async fn stale_world() -> Option<(World, Stale)> {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "concurrent changes") {
        return None;
    }
    let stale = Stale::default();
    let world = World::in_process(&[], |client| stale.watch(&client)).await;
    world.furnish("{Default}").await;
    Some((world, stale))
}

async fn concurrent_changes_are_retried(row: &'static Row) {
    if !starts_again(row) {
        return;
    }
    let Some((world, stale)) = stale_world().await else { return };
    stale.next(2);
    let answer = row.call(&world).by(&Caller::root()).send().await;
    let trips = expected(row.id);
    let transactions = trips.iter().flatten().filter(|call| call.starts_with("TransactWriteItems"));
    assert_eq!(
        (answer.status, stale.made()),
        (row.success, 2 + transactions.map(|_| 1).sum::<u32>()),
        "{answer:?}"
    );
}

async fn repeated_concurrent_changes_are_reported(row: &'static Row) {
    if !starts_again(row) {
        return;
    }
    let Some((world, stale)) = stale_world().await else { return };
    let before = world.items().await;
    stale.next(u32::MAX);
    let answer = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!(answer, busy());
    assert_eq!(world.items().await.since(&before), Changes::none());
}

/// Other operations write on conditions alone, which no concurrent change can break.
async fn operations_that_only_write_send_one_transaction(row: &'static Row) {
    if !row.writes() || starts_again(row) {
        return;
    }
    let Some((world, stale)) = stale_world().await else { return };
    stale.next(u32::MAX);
    let answer = row.call(&world).by(&Caller::root()).send().await;
    assert_eq!((answer.status, stale.made()), (row.success, 1), "{answer:?}");
}

/// A value that is not unique is reported only if the rest of the transaction would have succeeded.
#[tokio::test]
async fn a_duplicate_value_beside_a_concurrent_change_is_retried() {
    let Some((world, stale)) = stale_world().await else { return };
    world.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "7")]).await;
    stale.next(1);
    let path = "/{client-123}/users/{user-123}/mobile-signature/properties";
    let call = world.patch(path).by(&Caller::root()).json(json!({"{employee_id}": "7"}));
    call.expect_unchanged(not_unique("employee_id", "7")).await;
    assert_eq!(stale.made(), 2);
}
