//! Holds the rules of reading: strongly consistent, whole, in the order that was asked for, until
//! the deadline.

use serde_json::{Value, json};

use super::*;
use crate::clock::Random;
use crate::table::tests::{Answer, Wire, error, random, seconds};

fn key(id: &str) -> Key {
    Key::new(&["CLIENT", id], &["CLIENT"])
}

/// The key as the wire carries it.
fn wired(id: &str) -> Value {
    json!({"PK": {"S": format!("CLIENT#{id}")}, "SK": {"S": "CLIENT"}})
}

/// An item as the wire carries it.
fn item(id: &str) -> Value {
    let mut item = wired(id);
    item["name"] = json!({"S": format!("Name of {id}")});
    item
}

/// The answer to a call for several keys: what was found, what has to be asked for again.
fn batch(found: &[&str], unprocessed: &[&str]) -> Answer {
    let found: Vec<Value> = found.iter().map(|id| item(id)).collect();
    let mut answer = json!({"Responses": {"the-table": found}, "UnprocessedKeys": {}});
    if !unprocessed.is_empty() {
        answer["UnprocessedKeys"]["the-table"] = keys(unprocessed);
    }
    Answer::Ok(answer)
}

fn keys(ids: &[&str]) -> Value {
    let ids: Vec<Value> = ids.iter().map(|id| wired(id)).collect();
    json!({"Keys": ids, "ConsistentRead": true})
}

/// The body of a call for several keys.
fn asked(ids: &[&str]) -> Value {
    json!({"RequestItems": {"the-table": keys(ids)}, "ReturnConsumedCapacity": "TOTAL"})
}

fn page(ids: &[&str], last: Option<&str>) -> Answer {
    let items: Vec<Value> = ids.iter().map(|id| item(id)).collect();
    let mut answer = json!({"Items": items});
    if let Some(last) = last {
        answer["LastEvaluatedKey"] = wired(last);
    }
    Answer::Ok(answer)
}

/// A wire that gives these answers, one after the other and the last one ever again.
fn wire(answers: Vec<Answer>) -> Wire {
    Wire::new(move |number| answers[number.min(answers.len() - 1)].clone())
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.text("name").expect("a name")).collect()
}

#[tokio::test(start_paused = true)]
async fn items_come_in_the_order_of_the_keys_whatever_the_order_of_the_answer() {
    let wire = wire(vec![batch(&["c", "a"], &[])]);
    let table = wire.table("get", random());
    let found = table.get(seconds(1), [&key("a"), &key("b"), &key("c")]).await.expect("an answer");
    let names = found.map(|item| item.map(|item| item.text("name").expect("a name").to_owned()));
    assert_eq!(names, [Some("Name of a".to_owned()), None, Some("Name of c".to_owned())]);
    assert_eq!(wire.calls()[0].operation, "BatchGetItem");
    assert_eq!(wire.bodies(), [asked(&["a", "b", "c"])]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_were_left_out_are_asked_for_again_and_no_others() {
    let wire = wire(vec![batch(&["b"], &["a", "c"]), batch(&["a"], &["c"]), batch(&["c"], &[])]);
    let (a, b, c) = (key("a"), key("b"), key("c"));
    let found = wire.table("left-out", random()).get_many(seconds(9), vec![&a, &b, &c]).await;
    let mut found: Vec<Key> = found.expect("an answer").into_keys().collect();
    found.sort();
    assert_eq!(found, [a, b, c]);
    assert_eq!(wire.bodies(), [asked(&["a", "b", "c"]), asked(&["a", "c"]), asked(&["c"])]);
}

/// The source of randomness here answers every question for a number with the highest one.
#[tokio::test(start_paused = true)]
async fn the_first_call_is_made_at_once_and_each_further_one_is_waited_for_longer() {
    let multiple_of_all = 81_u128 * 7 * 41;
    let highest = Random::from_fn(move || (multiple_of_all - 1).to_le_bytes());
    let wire = wire(vec![batch(&[], &["a"]), batch(&[], &["a"]), batch(&[], &["a"]), batch(&["a"], &[])]);
    let found = wire.table("left-out-waits", highest).get(seconds(9), [&key("a")]).await;
    assert!(matches!(found, Ok([Some(_)])), "{found:?}");
    let at: Vec<u128> = wire.calls().iter().map(|call| call.at).collect();
    assert_eq!(at, [0, 20, 60, 140]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_always_left_out_are_asked_for_until_the_deadline() {
    let wire = wire(vec![batch(&[], &["a"])]);
    let table = wire.table("always-left-out", random());
    let found = table.get(seconds(8), [&key("a")]).await;
    assert_eq!(found, Err(TableError::Unavailable));
    assert!(wire.calls().last().is_some_and(|call| call.at > 7_000), "not until the deadline");
}

#[tokio::test(start_paused = true)]
async fn all_pages_of_a_query_are_read_empty_ones_in_between_too() {
    let wire = wire(vec![page(&["a", "b"], Some("b")), page(&[], Some("x")), page(&["c"], None)]);
    let items = wire.table("query", random()).query(seconds(1), "USER#100#u", "CONSENT#").await;
    assert_eq!(names(&items.expect("an answer")), ["Name of a", "Name of b", "Name of c"]);
    let mut first = json!({
        "TableName": "the-table",
        "ConsistentRead": true,
        "ReturnConsumedCapacity": "TOTAL",
        "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :sk)",
        "ExpressionAttributeNames": {"#pk": "PK", "#sk": "SK"},
        "ExpressionAttributeValues": {":pk": {"S": "USER#100#u"}, ":sk": {"S": "CONSENT#"}},
    });
    let mut expected = vec![first.clone()];
    for last in ["b", "x"] {
        first["ExclusiveStartKey"] = wired(last);
        expected.push(first.clone());
    }
    assert_eq!(wire.bodies(), expected);
    assert_eq!(wire.calls()[0].operation, "Query");
}

#[tokio::test(start_paused = true)]
async fn all_pages_of_a_scan_are_read() {
    let wire = wire(vec![page(&[], Some("b")), page(&["c"], Some("c")), page(&[], None)]);
    let items = wire.table("scan", random()).scan(seconds(1)).await;
    assert_eq!(names(&items.expect("an answer")), ["Name of c"]);
    let first = json!({"TableName": "the-table", "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"});
    let mut second = first.clone();
    second["ExclusiveStartKey"] = wired("b");
    let mut third = first.clone();
    third["ExclusiveStartKey"] = wired("c");
    assert_eq!(wire.bodies(), [first, second, third]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_read_is_told_apart_from_nothing_there() {
    for (region, answer, expected) in [
        ("read-no-table", error("ResourceNotFoundException"), TableError::Refused),
        ("read-no-permission", error("AccessDeniedException"), TableError::Refused),
        ("read-not-valid", error("ValidationException"), TableError::Refused),
        ("read-throttled", error("ThrottlingException"), TableError::Unavailable),
        ("read-throughput", error("ProvisionedThroughputExceededException"), TableError::Unavailable),
        ("read-limit", error("RequestLimitExceeded"), TableError::Unavailable),
        ("read-fault", Answer::Error(500, "InternalServerError", json!({})), TableError::Unavailable),
        ("read-lost", Answer::Lost, TableError::Unavailable),
        ("read-silence", Answer::Silence, TableError::Unavailable),
    ] {
        let table = wire(vec![answer]).table(region, random());
        assert_eq!(table.get(seconds(8), [&key("a")]).await, Err(expected), "{region}");
        assert_eq!(table.query(seconds(8), "a", "b").await, Err(expected), "{region}");
        assert_eq!(table.scan(seconds(8)).await, Err(expected), "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_whose_answer_was_lost_once_is_answered() {
    let wire = wire(vec![Answer::Lost, batch(&["a"], &[])]);
    let found = wire.table("lost-once", random()).get(seconds(8), [&key("a")]).await;
    assert!(matches!(found, Ok([Some(_)])), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn an_item_without_a_key_is_corrupt() {
    for item in [json!({"PK": {"S": "a"}}), json!({"PK": {"S": "a"}, "SK": {"N": "1"}}), json!({})] {
        let answer = json!({"Responses": {"the-table": [item]}});
        let table = wire(vec![Answer::Ok(answer)]).table("corrupt", random());
        assert_eq!(table.get(seconds(1), [&key("a")]).await, Err(TableError::Corrupt), "{item}");
    }
}

#[tokio::test(start_paused = true)]
async fn asking_the_table_is_one_call_and_tells_whether_it_answers() {
    for (region, answer, expected) in [
        ("asked", batch(&[], &[]), Ok(())),
        ("asked-refused", error("AccessDeniedException"), Err(TableError::Refused)),
        ("asked-silent", Answer::Silence, Err(TableError::Unavailable)),
    ] {
        let wire = wire(vec![answer]);
        assert_eq!(wire.table(region, random()).ask(seconds(2)).await, expected, "{region}");
        let keys = json!([{"PK": {"S": "NOTHING"}, "SK": {"S": "NOTHING"}}]);
        let items = json!({"the-table": {"ConsistentRead": true, "Keys": keys}});
        let body = json!({"RequestItems": items, "ReturnConsumedCapacity": "TOTAL"});
        assert_eq!(wire.bodies(), [body], "{region}");
    }
}
