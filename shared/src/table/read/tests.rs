//! Tests reads: strongly consistent, complete, in the requested order, and until the deadline.

use serde_json::{Value, json};

use super::*;
use crate::clock::Random;
use crate::table::tests::{Answer, Wire, error, random, seconds};

fn key(id: &str) -> Key {
    Key::new(&["CLIENT", id], &["CLIENT"])
}

/// Returns the key in the wire format.
fn wire_key(id: &str) -> Value {
    json!({"PK": {"S": format!("CLIENT#{id}")}, "SK": {"S": "CLIENT"}})
}

/// Returns an item in the wire format.
fn item(id: &str) -> Value {
    let mut item = wire_key(id);
    item["name"] = json!({"S": format!("Name of {id}")});
    item
}

/// Returns the response to a batch read: the found items and the unprocessed keys.
fn batch(found: &[&str], unprocessed: &[&str]) -> Answer {
    let found: Vec<Value> = found.iter().map(|id| item(id)).collect();
    let mut answer = json!({"Responses": {"the-table": found}, "UnprocessedKeys": {}});
    if !unprocessed.is_empty() {
        answer["UnprocessedKeys"]["the-table"] = keys(unprocessed);
    }
    Answer::Ok(answer)
}

fn keys(ids: &[&str]) -> Value {
    let ids: Vec<Value> = ids.iter().map(|id| wire_key(id)).collect();
    json!({"Keys": ids, "ConsistentRead": true})
}

/// Returns the body of a batch read.
fn batch_request(ids: &[&str]) -> Value {
    json!({"RequestItems": {"the-table": keys(ids)}, "ReturnConsumedCapacity": "TOTAL"})
}

fn page(ids: &[&str], last: Option<&str>) -> Answer {
    let items: Vec<Value> = ids.iter().map(|id| item(id)).collect();
    let mut answer = json!({"Items": items});
    if let Some(last) = last {
        answer["LastEvaluatedKey"] = wire_key(last);
    }
    Answer::Ok(answer)
}

/// Returns a simulated table with these answers. The last answer is repeated.
fn wire(answers: Vec<Answer>) -> Wire {
    Wire::new(move |number| answers[number.min(answers.len() - 1)].clone())
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.text("name").expect("a name")).collect()
}

#[tokio::test(start_paused = true)]
async fn items_are_returned_in_the_order_of_the_keys() {
    let wire = wire(vec![batch(&["c", "a"], &[])]);
    let table = wire.table("get", random());
    let found = table.get(seconds(1), [&key("a"), &key("b"), &key("c")]).await.expect("a response");
    let names = found.map(|item| item.map(|item| item.text("name").expect("a name").to_owned()));
    assert_eq!(names, [Some("Name of a".to_owned()), None, Some("Name of c".to_owned())]);
    assert_eq!(wire.calls()[0].operation, "BatchGetItem");
    assert_eq!(wire.bodies(), [batch_request(&["a", "b", "c"])]);
}

#[tokio::test(start_paused = true)]
async fn only_unprocessed_keys_are_requested_again() {
    let wire = wire(vec![batch(&["b"], &["a", "c"]), batch(&["a"], &["c"]), batch(&["c"], &[])]);
    let (a, b, c) = (key("a"), key("b"), key("c"));
    let found = wire.table("left-out", random()).get_many(seconds(9), vec![&a, &b, &c]).await;
    let mut found: Vec<Key> = found.expect("a response").into_keys().collect();
    found.sort();
    assert_eq!(found, [a, b, c]);
    assert_eq!(
        wire.bodies(),
        [batch_request(&["a", "b", "c"]), batch_request(&["a", "c"]), batch_request(&["c"])]
    );
}

#[tokio::test(start_paused = true)]
async fn any_number_of_items_is_read_in_calls_of_100_keys() {
    let ids: Vec<String> = (0..201).map(|number| format!("{number:03}")).collect();
    let keys: Vec<Key> = ids.iter().map(|id| key(id)).collect();
    for (region, count) in [("all-0", 0), ("all-100", 100), ("all-101", 101), ("all-201", 201)] {
        let wire = Wire::new(|number| batch(&[["000", "100", "200"][number]], &[]));
        let keys: Vec<&Key> = keys[..count].iter().collect();
        let found = wire.table(region, random()).get_all(seconds(1), &keys).await;
        let mut found: Vec<Key> = found.expect("a response").into_keys().collect();
        found.sort();
        let calls: Vec<&[String]> = ids[..count].chunks(100).collect();
        let first: Vec<Key> = calls.iter().map(|ids| key(&ids[0])).collect();
        assert_eq!(found, first, "{count}");
        let ids = |ids: &&[String]| batch_request(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(wire.bodies(), calls.iter().map(ids).collect::<Vec<_>>(), "{count}");
    }
}

/// The random source of this test always returns the maximum.
#[tokio::test(start_paused = true)]
async fn the_first_call_is_immediate_and_retries_back_off() {
    let multiple_of_all = 81_u128 * 7 * 41;
    let highest = Random::from_fn(move || (multiple_of_all - 1).to_le_bytes());
    let wire = wire(vec![batch(&[], &["a"]), batch(&[], &["a"]), batch(&[], &["a"]), batch(&["a"], &[])]);
    let found = wire.table("left-out-waits", highest).get(seconds(9), [&key("a")]).await;
    assert!(matches!(found, Ok([Some(_)])), "{found:?}");
    let at: Vec<u128> = wire.calls().iter().map(|call| call.at).collect();
    assert_eq!(at, [0, 20, 60, 140]);
}

#[tokio::test(start_paused = true)]
async fn unprocessed_keys_are_retried_until_the_deadline() {
    let wire = wire(vec![batch(&[], &["a"])]);
    let table = wire.table("always-left-out", random());
    let found = table.get(seconds(8), [&key("a")]).await;
    assert_eq!(found, Err(TableError::Unavailable));
    assert!(wire.calls().last().is_some_and(|call| call.at > 7_000), "not until the deadline");
}

#[tokio::test(start_paused = true)]
async fn all_pages_of_a_query_are_read_including_empty_ones() {
    let wire = wire(vec![page(&["a", "b"], Some("b")), page(&[], Some("x")), page(&["c"], None)]);
    let items = wire.table("query", random()).query(seconds(1), "USER#100#u", "CONSENT#").await;
    assert_eq!(names(&items.expect("a response")), ["Name of a", "Name of b", "Name of c"]);
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
        first["ExclusiveStartKey"] = wire_key(last);
        expected.push(first.clone());
    }
    assert_eq!(wire.bodies(), expected);
    assert_eq!(wire.calls()[0].operation, "Query");
}

/// DynamoDB rejects an empty beginning of the sort keys.
#[tokio::test(start_paused = true)]
async fn a_query_of_a_whole_partition_has_no_condition_on_the_sort_key() {
    let wire = wire(vec![page(&["a"], None)]);
    let items = wire.table("partition", random()).query(seconds(1), "USER#100#u", "").await;
    assert_eq!(names(&items.expect("a response")), ["Name of a"]);
    let body = json!({
        "TableName": "the-table",
        "ConsistentRead": true,
        "ReturnConsumedCapacity": "TOTAL",
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "PK"},
        "ExpressionAttributeValues": {":pk": {"S": "USER#100#u"}},
    });
    assert_eq!(wire.bodies(), [body]);
}

#[tokio::test(start_paused = true)]
async fn a_count_adds_all_pages_without_items_that_are_being_deleted() {
    for (region, filter) in [("count", None), ("count-filtered", Some(("state", "active")))] {
        let mut last = json!({"Count": 3, "ScannedCount": 3});
        last["ConsumedCapacity"] = json!({"TableName": "the-table", "CapacityUnits": 1.0});
        let mut first = last.clone();
        (first["Count"], first["LastEvaluatedKey"]) = (json!(2), wire_key("c"));
        let wire = wire(vec![Answer::Ok(first), Answer::Ok(last)]);
        let total = wire.table(region, random()).count(seconds(1), ("USER#100#u", "CONSENT#"), filter).await;
        assert_eq!(total, Ok(5), "{region}");
        let mut expected = json!({
            "TableName": "the-table",
            "Select": "COUNT",
            "ConsistentRead": true,
            "ReturnConsumedCapacity": "TOTAL",
            "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :sk)",
            "FilterExpression": "attribute_not_exists(#deletion)",
            "ExpressionAttributeNames": {"#pk": "PK", "#sk": "SK", "#deletion": "deletion"},
            "ExpressionAttributeValues": {":pk": {"S": "USER#100#u"}, ":sk": {"S": "CONSENT#"}},
        });
        if filter.is_some() {
            expected["FilterExpression"] = json!("attribute_not_exists(#deletion) AND #filter = :filter");
            expected["ExpressionAttributeNames"]["#filter"] = json!("state");
            expected["ExpressionAttributeValues"][":filter"] = json!({"S": "active"});
        }
        let mut next = expected.clone();
        next["ExclusiveStartKey"] = wire_key("c");
        assert_eq!(wire.bodies(), [expected, next], "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_scan_begins_after_the_previous_one() {
    let wire = wire(vec![page(&[], Some("b")), page(&["c"], None)]);
    let table = wire.table("scan", random());
    let (none, next) = table.scan(seconds(1), None).await.expect("a page");
    assert_eq!((none, &next), (vec![], &Some(key("b"))));
    let (items, end) = table.scan(seconds(1), next.as_ref()).await.expect("a page");
    assert_eq!((names(&items), end), (vec!["Name of c"], None));
    let (table, limit, units) = ("the-table", 200, "TOTAL");
    let first = json!(
        {"TableName": table, "Limit": limit, "ConsistentRead": true, "ReturnConsumedCapacity": units}
    );
    let mut second = first.clone();
    second["ExclusiveStartKey"] = wire_key("b");
    assert_eq!(wire.bodies(), [first, second]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_differs_from_a_missing_item() {
    for (region, answer, expected) in [
        ("read-no-table", error("ResourceNotFoundException"), TableError::Refused),
        ("read-no-permission", error("AccessDeniedException"), TableError::Refused),
        ("read-not-valid", error("ValidationException"), TableError::Refused),
        ("read-throttled", error("ThrottlingException"), TableError::Unavailable),
        ("read-throughput", error("ProvisionedThroughputExceededException"), TableError::Unavailable),
        ("read-limit", error("RequestLimitExceeded"), TableError::Unavailable),
        ("read-fault", Answer::Error(500, "InternalServerError", json!({})), TableError::Unavailable),
        ("read-lost", Answer::Lost, TableError::Unavailable),
        ("read-empty", Answer::Empty, TableError::Unavailable),
        ("read-incomplete", Answer::Ok(json!({})), TableError::Unavailable),
        ("read-signature", error("InvalidSignatureException"), TableError::Unavailable),
        ("read-mismatch", error("SignatureDoesNotMatch"), TableError::Unavailable),
        ("read-skewed", error("RequestTimeTooSkewed"), TableError::Unavailable),
        ("read-expired", error("RequestExpired"), TableError::Unavailable),
        ("read-early", error("RequestInTheFuture"), TableError::Unavailable),
        ("read-session", error("ExpiredTokenException"), TableError::Refused),
        ("read-silence", Answer::Silence, TableError::Unavailable),
    ] {
        let table = wire(vec![answer]).table(region, random());
        assert_eq!(table.get(seconds(8), [&key("a")]).await, Err(expected), "{region}");
        assert_eq!(table.query(seconds(8), "a", "b").await, Err(expected), "{region}");
        assert_eq!(table.scan(seconds(8), None).await, Err(expected), "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_is_retried_if_its_response_is_lost_or_empty_or_its_signature_is_outdated() {
    for (region, answer) in [
        ("lost-once", Answer::Lost),
        ("empty-once", Answer::Empty),
        ("incomplete-once", Answer::Ok(json!({}))),
        ("outdated-once", error("InvalidSignatureException")),
        ("skewed-once", error("RequestTimeTooSkewed")),
    ] {
        let wire = wire(vec![answer.clone(), answer, batch(&["a"], &[])]);
        let found = wire.table(region, random()).get(seconds(8), [&key("a")]).await;
        assert!(matches!(found, Ok([Some(_)])), "{region}: {found:?}");
    }
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
async fn ask_makes_one_call_and_reports_its_failure() {
    for (region, answer, expected) in [
        ("asked", batch(&[], &[]), Ok(())),
        ("asked-rejected", error("AccessDeniedException"), Err(TableError::Refused)),
        ("asked-silent", Answer::Silence, Err(TableError::Unavailable)),
    ] {
        let wire = wire(vec![answer]);
        let table = wire.table(region, Random::from_fn(|| u128::to_le_bytes(13)));
        assert_eq!(table.ask(seconds(2)).await, expected, "{region}");
        let keys = json!([{"PK": {"S": "NOTHING#COPY#5"}, "SK": {"S": "NOTHING"}}]);
        let items = json!({"the-table": {"ConsistentRead": true, "Keys": keys}});
        let body = json!({"RequestItems": items, "ReturnConsumedCapacity": "TOTAL"});
        assert_eq!(wire.bodies(), [body], "{region}");
    }
}

/// Returns the key of an item that lies in four copies.
fn copied(id: &str) -> Key {
    Key::copied(4, &["CLIENT", id], &["CLIENT"])
}

/// Returns a random source that returns these numbers, one after the other.
fn numbers(numbers: &'static [u8]) -> Random {
    let next = std::sync::atomic::AtomicUsize::new(0);
    Random::from_fn(move || {
        let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        u128::from(numbers[index % numbers.len()]).to_le_bytes()
    })
}

/// Returns a copy in the wire format.
fn copy_item(pk: &str) -> Value {
    json!({"PK": {"S": pk}, "SK": {"S": "CLIENT"}, "copies": {"N": "4"}, "name": {"S": pk}})
}

#[tokio::test(start_paused = true)]
async fn a_read_is_that_of_a_random_copy() {
    let found = json!({"Responses": {"the-table": [copy_item("CLIENT#b"), copy_item("CLIENT#a#COPY#3")]}});
    let wire = wire(vec![Answer::Ok(found)]);
    let table = wire.table("copies", numbers(&[3, 0]));
    let found = table.get(seconds(1), [&copied("a"), &copied("b")]).await.expect("a response");
    let names = found.map(|item| item.map(|item| item.text("name").expect("a name").to_owned()));
    assert_eq!(names, ["CLIENT#a#COPY#3", "CLIENT#b"].map(|name| Some(name.to_owned())));
    assert_eq!(wire.bodies(), [batch_request(&["a#COPY#3", "b"])]);
}

/// The numbers are those of the copies and of the delay.
#[tokio::test(start_paused = true)]
async fn an_unprocessed_copy_is_followed_by_another_one() {
    let found = json!({"Responses": {"the-table": [copy_item("CLIENT#a#COPY#2")]}});
    let wire = wire(vec![batch(&["b"], &["a#COPY#1"]), Answer::Ok(found)]);
    let table = wire.table("copies-left", numbers(&[1, 5, 2]));
    let found = table.get(seconds(1), [&copied("a"), &key("b")]).await.expect("a response");
    assert!(found.iter().all(Option::is_some), "{found:?}");
    assert_eq!(wire.bodies(), [batch_request(&["a#COPY#1", "b"]), batch_request(&["a#COPY#2"])]);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_copies_is_read_from_a_random_one() {
    let table = wire(vec![Answer::Done]).table("partitions", numbers(&[0, 1, 2, 3]));
    let partitions = [0; 4].map(|_| table.any_partition("TERMS", 4));
    assert_eq!(partitions, ["TERMS", "TERMS#COPY#1", "TERMS#COPY#2", "TERMS#COPY#3"]);
    assert_eq!(table.any_partition("TERMS", 1), "TERMS");
}
