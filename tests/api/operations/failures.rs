//! Failures of the table: the response reveals no details.

use shared::table::{NewItem, Transaction};

use super::for_each_operation;
use super::rows::Row;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    an_unreachable_table_responds_with_503,
    a_missing_table_responds_with_500,
    a_corrupt_item_responds_with_500,
);

fn is_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails")
}

fn internal() -> Answer {
    refused(500, "errors.fatalError", "Internal error")
}

async fn an_unreachable_table_responds_with_503(row: &'static Row) {
    if is_left_out() || !row.reads_table() {
        return;
    }
    // Nothing listens on the discard port.
    let world = World::in_process(&[], |_| local::engine::client("http://127.0.0.1:9")).await;
    let expected =
        refused(503, "errors.fatalError", "Service unavailable, try again later").with("retry-after", "1");
    // The connection is refused at once. Only the time between the attempts passes.
    tokio::time::pause();
    assert_eq!(row.call(&world).by(&Caller::root()).send().await, expected);
}

async fn a_missing_table_responds_with_500(row: &'static Row) {
    if is_left_out() || !row.reads_table() {
        return;
    }
    let world = World::in_process(&[("TABLE_NAME", "made")], |client| client).await;
    world.drop_table().await;
    assert_eq!(row.call(&world).by(&Caller::root()).send().await, internal());
}

/// An item without its attributes, as a careless change of the table could leave one.
async fn a_corrupt_item_responds_with_500(row: &'static Row) {
    if is_left_out() || !(row.id == "get-client" || row.has_user()) {
        return;
    }
    let world = World::new().await;
    let client = world.user_path("{client-123}", "").client;
    let add = |transaction: &mut Transaction| {
        let item = NewItem::new(&functions::clients::key(&client), "Client");
        transaction.create(item)
    };
    world.put(add).await;
    assert_eq!(row.call(&world).by(&Caller::root()).send().await, internal());
}
