//! Records that are delivered again, that cannot be read, and events that the bus refuses.

use functions::properties::Definition;
use serde_json::{Map, Value, json};
use shared::bus::MAX_BYTES;

use super::{Follower, USER, new_target, send};

/// Makes a number of changes of one user.
async fn changed(count: usize) -> (Follower, Vec<Value>) {
    let follower = Follower::furnished().await;
    send(&follower, "a", ("POST", &format!("{USER}/dispatch-targets")), new_target()).await;
    for number in 1..count {
        let target = format!("{USER}/dispatch-targets/dt-new");
        send(&follower, "a", ("PATCH", &target), json!({"name": format!("Name {number}")})).await;
    }
    let records = follower.records();
    (follower, records)
}

/// Creates a number of dispatch targets, `Name 0` and so on.
async fn created(count: usize) -> (Follower, Vec<Value>) {
    let follower = Follower::furnished().await;
    for number in 0..count {
        let mut body = new_target();
        (body["extId"], body["name"]) = (format!("dt-{number}").into(), format!("Name {number}").into());
        send(&follower, "a", ("POST", &format!("{USER}/dispatch-targets")), body).await;
    }
    let records = follower.records();
    (follower, records)
}

fn names(events: &[Value]) -> Vec<String> {
    let name = |event: &Value| event["data"]["changes"]["name"]["after"].as_str().map(str::to_owned);
    events.iter().filter_map(name).collect()
}

#[tokio::test]
async fn records_that_are_delivered_again_have_the_same_ids_and_rows() {
    let (follower, records) = changed(7).await;
    let path = "dispatch-targets?clientExtId=client-123&dispatchTargetExtId=dt-new";
    follower.run(&records).await;
    let (first, rows) = (follower.events(), follower.rows(path).await);
    assert_eq!((first.len(), rows.len()), (7, 7));
    // Overlapping batches of odd sizes, one of which has each record twice.
    for batch in records.windows(3).chain(records.chunks(4)) {
        let twice: Vec<Value> = batch.iter().chain(batch).cloned().collect();
        assert_eq!(follower.run(&twice).await, json!({"batchItemFailures": []}));
    }
    let again = follower.events();
    assert!(again.len() > first.len());
    for event in &again {
        assert!(first.contains(event), "{event:#}");
    }
    assert_eq!(follower.rows(path).await, rows);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_passed_over_and_counted() {
    let (follower, records) = changed(3).await;
    let first = records.iter().position(|record| record["eventName"] == "INSERT").expect("a record");
    let mut corrupt = records[first].clone();
    corrupt["dynamodb"]["NewImage"]["entityType"] = json!({"S": "DispatchTarget"});
    corrupt["dynamodb"]["NewImage"].as_object_mut().expect("an item").remove("clientExtId");
    corrupt["eventID"] = "corrupt".into();
    let unreadable = json!({"eventID": "unreadable", "dynamodb": {"SequenceNumber": "7", "NewImage": 1}});
    let batch: Vec<Value> = [corrupt, unreadable].into_iter().chain(records).collect();
    assert_eq!(follower.run(&batch).await, json!({"batchItemFailures": []}));
    assert_eq!(names(&follower.events()), ["Tablet", "Name 1", "Name 2"]);
    let [line] = &follower.lines()[..] else { panic!("one line") };
    assert_eq!((&line["FailedRecords"], &line["Backlog"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn events_that_the_bus_refuses_are_published_again_alone() {
    let (follower, records) = created(5).await;
    // The second and the fourth event at first, then the fourth once more.
    follower.bus.refuse([vec![1, 3], vec![1]]);
    assert_eq!(follower.run(&records).await, json!({"batchItemFailures": []}));
    assert_eq!(follower.bus.calls(), [5, 2, 1]);
    assert_eq!(follower.events().len(), 5);
}

#[tokio::test]
async fn events_of_an_object_stay_in_order_if_the_bus_refuses_some() {
    let (follower, records) = changed(3).await;
    follower.bus.refuse([vec![], vec![0], vec![0]]);
    assert_eq!(follower.run(&records).await, json!({"batchItemFailures": []}));
    assert_eq!(follower.bus.calls(), [1, 1, 1, 1, 1]);
    assert_eq!(names(&follower.events()), ["Tablet", "Name 1", "Name 2"]);
}

#[tokio::test]
async fn records_from_the_first_event_that_stays_refused_are_delivered_again() {
    let (follower, records) = created(4).await;
    let is_target = |record: &&Value| record["dynamodb"]["NewImage"]["entityType"]["S"] == "DispatchTarget";
    let of_targets: Vec<&Value> = records.iter().filter(is_target).collect();
    follower.bus.refuse([vec![2], vec![0], vec![0], vec![0]]);
    let failed = &of_targets[2]["dynamodb"]["SequenceNumber"];
    assert_eq!(follower.run(&records).await, json!({"batchItemFailures": [{"itemIdentifier": failed}]}));
    // Delivered again from there, the last one comes twice, and none is missing.
    let next = records.iter().position(|record| &record["dynamodb"]["SequenceNumber"] == failed);
    let rest = &records[next.expect("a record")..];
    assert_eq!(follower.run(rest).await, json!({"batchItemFailures": []}));
    assert_eq!(names(&follower.events()), ["Name 0", "Name 1", "Name 3", "Name 2", "Name 3"]);
}

#[tokio::test]
async fn a_call_has_at_most_ten_events_of_at_most_240_kib() {
    let (follower, records) = created(23).await;
    follower.run(&records).await;
    assert_eq!(follower.bus.calls(), [10, 10, 3]);
    follower.events();
    // Texts of 12,000 characters, before and after, take more than 24 KB of an event.
    let content = |text: String| json!({"EN": text, "DE": text, "FR": text, "IT": text});
    let questions = "/{client-123}/personal-questions";
    for number in 0..20 {
        let body = json!({"extId": format!("q-{number}"), "stateName": "active",
                          "content": content("x".repeat(3_900))});
        send(&follower, "a", ("POST", questions), body).await;
    }
    for number in 0..20 {
        let path = format!("{questions}/q-{number}");
        send(&follower, "a", ("PATCH", &path), json!({"content": content("y".repeat(3_900))})).await;
    }
    follower.skip_to_last(20).await;
    let calls = follower.bus.calls();
    assert!(calls.iter().sum::<usize>() == 20 && calls.iter().all(|count| *count < 10), "{calls:?}");
}

/// The values of all properties may have 256 KiB, of which JSON makes more.
#[tokio::test]
async fn an_event_or_a_row_that_would_be_too_large_has_no_values() {
    let follower = Follower::furnished().await;
    let names: Vec<String> = (0..60).map(|number| format!("{{long-{number}}}")).collect();
    let definitions: Vec<Definition> = names.iter().map(|name| follower.world.user_property(name)).collect();
    follower.world.put_properties(&definitions).await;
    let value = "\"".repeat(4_000);
    for names in names.chunks(7) {
        let values: Map<String, Value> = names.iter().map(|name| (name.clone(), json!(value))).collect();
        send(&follower, "a", ("PATCH", &format!("{USER}/properties")), values.into()).await;
    }
    let events = follower.publish().await;
    let of_values = |event: &&Value| event["type"] == "com.example.user-properties.changed";
    let events: Vec<&Value> = events.iter().filter(of_values).collect();
    let rows = follower.rows("user-properties?clientExtId=client-123&userExtId=user-123").await;
    assert_eq!((events.len(), rows.len()), (9, 9));
    assert_eq!((&events[0]["data"]["hidden"], rows[0].get("properties").is_some()), (&json!([]), true));
    let (event, row) = (&events[8]["data"], &rows[8]);
    assert_eq!((&event["changes"], &event["hidden"]), (&json!({}), &json!(["properties"])));
    assert_eq!((row.get("properties"), &row["changed"]), (None, &json!(["properties"])));
    for event in events {
        assert!(event.to_string().len() <= MAX_BYTES);
    }
}
