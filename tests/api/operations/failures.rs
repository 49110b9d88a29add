//! When the table fails, callers learn that it does, and nothing else.

use futures_util::future::join_all;
use shared::table::{NewItem, Transaction};

use super::rows::Row;
use super::table::ROWS;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World, refused};

fn is_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails")
}

fn internal() -> Answer {
    refused(500, "errors.fatalError", "Internal error")
}

async fn all_answer(world: &World, expected: &Answer) {
    let call = |row: &'static Row| async { (row.id, row.call(world).by(&Caller::root()).send().await) };
    for (id, answer) in join_all(ROWS.iter().map(call)).await {
        assert_eq!(answer, *expected, "{id}");
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_may_be_asked_again() {
    if is_left_out() {
        return;
    }
    // Nothing listens on the port of discarded data.
    let world = World::in_process(&[], |_| local::engine::client("http://127.0.0.1:9")).await;
    let message = "Service unavailable, try again later";
    all_answer(&world, &refused(503, "errors.fatalError", message).with("retry-after", "1")).await;
}

#[tokio::test]
async fn a_table_that_is_not_there_is_a_fault_of_the_service() {
    if is_left_out() {
        return;
    }
    let world = World::in_process(&[("TABLE_NAME", "made")], |client| client).await;
    world.drop_table().await;
    all_answer(&world, &internal()).await;
}

/// An item that is none of its kind, as a careless change of the table could leave one.
#[tokio::test]
async fn an_item_that_lacks_its_attributes_is_a_fault_of_the_service() {
    if is_left_out() {
        return;
    }
    let world = World::new().await;
    let client = world.user_path("{client-123}", "").client;
    let add = |transaction: &mut Transaction| {
        let item = NewItem::new(&functions::clients::key(&client), "Client");
        transaction.create(item)
    };
    world.put(add).await;
    for row in ROWS.iter().filter(|row| row.id == "get-client" || row.has_user()) {
        let answer = row.call(&world).by(&Caller::root()).send().await;
        assert_eq!(answer, internal(), "{}", row.id);
    }
}
