//! Reads: the whole response, its version, and the query string of lists.

use shared::operation::description::Success;

use super::for_each_operation;
use super::rows::Row;
use crate::support::answer::invalid_fields;
use crate::support::{Caller, World, ok, ok_at};

for_each_operation!(
    a_read_returns_the_whole_entity,
    invalid_query_parameters_of_a_list_are_named,
    other_operations_ignore_the_query_string,
);

async fn a_read_returns_the_whole_entity(row: &'static Row) {
    let answer = (row.answer)();
    if answer.is_null() {
        return;
    }
    let world = World::furnished().await;
    let expected = match row.operation().description.success {
        Success::Entity(_) => ok_at(answer["version"].as_u64().expect("a version"), answer),
        _ => ok(answer),
    };
    row.call(&world).by(&Caller::root()).expect_unchanged(expected).await;
}

async fn invalid_query_parameters_of_a_list_are_named(row: &'static Row) {
    if !row.operation().description.query.iter().any(|parameter| parameter.name == "limit") {
        return;
    }
    let world = World::furnished().await;
    for (query, names) in [
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=1", "limit"),
        ("continuationToken=nonsense", "continuationToken"),
        ("continuationToken=", "continuationToken"),
        ("offset=1", "offset"),
        ("%6Cimit=1&Limit=1", "Limit"),
        ("z=1&limit=x&a=", "a, limit, z"),
    ] {
        let call = world.call(row.method, &format!("{}?{query}", row.path)).by(&Caller::root());
        assert_eq!(call.send().await, invalid_fields(names), "{query}");
    }
}

async fn other_operations_ignore_the_query_string(row: &'static Row) {
    if !row.operation().description.query.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let call = world.call(row.method, &format!("{}?unknown=1", row.path)).json_if(row.good_body());
    assert_eq!(call.by(&Caller::root()).send().await.status, row.success);
}
