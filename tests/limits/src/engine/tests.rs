use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use shared::clock::{Clock, Deadline, Random};
use shared::table::{Condition, Key, NewItem, Order, Outcome, Stamp, Table, TableError, Transaction};
use tokio::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue as SdkValue;

use super::*;
use crate::limits::Conflicts;

const NAME: &str = "the-table";

/// The published limits, with a burst of 10 write units and 30 read units.
fn steady() -> Limits {
    Limits { burst: Duration::from_millis(10), ..Limits::published() }
}

/// An engine with an empty table.
async fn engine(limits: Limits) -> LimitedEngine {
    let engine = LimitedEngine::new(Database::memory().expect("a database"), limits);
    let part = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("an attribute")
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key")
    };
    engine
        .client("create")
        .create_table()
        .table_name(NAME)
        .set_attribute_definitions(Some(vec![part(PK), part(SK)]))
        .set_key_schema(Some(vec![key(PK, KeyType::Hash), key(SK, KeyType::Range)]))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("a table");
    engine
}

/// The table as the functions use it.
fn table(engine: &LimitedEngine) -> Table {
    Table::new(engine.client("function"), NAME, Random::from_fn(|| [9; 16]))
}

fn key(pk: &str) -> Key {
    Key::new(&[pk], &["ITEM"])
}

fn transaction() -> Transaction {
    Transaction::new(&Stamp {
        now: Clock::system().now(),
        by: "test".to_owned(),
        request: "request".to_owned(),
    })
}

fn put(pks: &[&str]) -> Transaction {
    let mut transaction = transaction();
    for pk in pks {
        transaction.put(NewItem::new(&key(pk), "Item"), Condition::Any);
    }
    transaction
}

fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(9))
}

async fn apply(table: &Table, transaction: &Transaction) {
    let outcome = table.transact(deadline(), transaction).await.expect("a table");
    assert!(matches!(outcome, Outcome::Done), "{outcome:?}");
}

/// Sends a call without retries.
async fn raw(engine: &LimitedEngine, action: &str, body: Value) -> (u16, Value) {
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{action}"));
    let response = engine.call(request).await.expect("a response");
    let body = serde_json::from_slice(response.body().bytes().expect("a body")).expect("JSON");
    (response.status().as_u16(), body)
}

fn raw_key(pk: &str) -> Value {
    json!({"PK": {"S": pk}, "SK": {"S": "ITEM"}})
}

fn raw_put(pk: &str, condition: Option<&str>) -> Value {
    let mut put = json!({"TableName": NAME, "Item": raw_key(pk)});
    if let Some(condition) = condition {
        put["ConditionExpression"] = json!(condition);
    }
    json!({"Put": put})
}

fn raw_check(pk: &str, condition: &str) -> Value {
    json!({"ConditionCheck": {"TableName": NAME, "Key": raw_key(pk), "ConditionExpression": condition}})
}

/// Returns the codes of the reasons for which the transaction is cancelled; none if it is applied.
async fn transact(engine: &LimitedEngine, actions: &[Value]) -> Vec<String> {
    let (status, body) = raw(engine, "TransactWriteItems", json!({"TransactItems": actions})).await;
    let reasons = body["CancellationReasons"].as_array().cloned().unwrap_or_default();
    assert_eq!(status == 200, reasons.is_empty(), "{body}");
    reasons.iter().map(|reason| reason["Code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
#[expect(clippy::disallowed_methods, reason = "time stands still here unless something waits")]
async fn calls_take_their_time_and_no_more() {
    let engine = engine(steady()).await;
    let table = table(&engine);
    let begin = Instant::now();
    apply(&table, &put(&["A"])).await;
    assert_eq!(begin.elapsed(), Duration::from_millis(5));
    let [item] = table.get(deadline(), [&key("A")]).await.expect("a table");
    assert_eq!(item.expect("an item").key(), Ok(key("A")));
    assert_eq!(begin.elapsed(), Duration::from_millis(8));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_reported_at_its_action() {
    let engine = engine(steady()).await;
    let both = [raw_put("A", None), raw_put("B", None)];
    let other = [raw_put("C", None), raw_put("B", None)];
    let (first, second) = tokio::join!(transact(&engine, &both), transact(&engine, &other));
    assert_eq!(first, Vec::<String>::new());
    assert_eq!(second, ["None", "TransactionConflict"]);
    assert_eq!(transact(&engine, &other).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn conditions_that_fail_are_reported_along_with_a_conflict() {
    let engine = engine(steady()).await;
    let put = [raw_put("A", None)];
    let checks = [
        raw_check("A", "attribute_not_exists(PK)"),
        raw_check("B", "attribute_exists(PK)"),
        raw_put("C", Some("attribute_not_exists(PK)")),
        raw_put("D", None),
    ];
    let (_, reasons) = tokio::join!(transact(&engine, &put), transact(&engine, &checks));
    assert_eq!(reasons, ["TransactionConflict", "ConditionalCheckFailed", "None", "None"]);
}

#[tokio::test(start_paused = true)]
async fn the_condition_of_an_update_is_evaluated_without_its_changes() {
    let engine = engine(steady()).await;
    let put = [raw_put("A", None)];
    let update = json!({"Update": {
        "TableName": NAME,
        "Key": raw_key("B"),
        "UpdateExpression": "SET #10 = :10",
        "ConditionExpression": "#1 = :1",
        "ExpressionAttributeNames": {"#1": "one", "#10": "ten"},
        "ExpressionAttributeValues": {":1": {"S": "1"}, ":10": {"S": "10"}},
    }});
    let both = [put[0].clone(), update];
    let (_, reasons) = tokio::join!(transact(&engine, &put), transact(&engine, &both));
    assert_eq!(reasons, ["TransactionConflict", "ConditionalCheckFailed"]);
}

#[tokio::test(start_paused = true)]
async fn an_item_whose_condition_fails_is_not_held() {
    let engine = engine(steady()).await;
    let failing = [raw_check("A", "attribute_exists(PK)"), raw_put("B", None)];
    let other = [raw_put("A", None), raw_put("B", None)];
    let (first, second) = tokio::join!(transact(&engine, &failing), transact(&engine, &other));
    assert_eq!(first, ["ConditionalCheckFailed", "None"]);
    assert_eq!(second, ["None", "TransactionConflict"]);
}

#[tokio::test(start_paused = true)]
async fn the_other_items_of_a_transaction_that_conflicts_are_held() {
    let engine = engine(steady()).await;
    let puts = ["A", "B", "C"].map(|pk| raw_put(pk, None));
    let reasons = tokio::join!(
        transact(&engine, &puts[..1]),
        transact(&engine, &puts[..2]),
        transact(&engine, &puts[1..]),
    );
    assert_eq!(reasons.1, ["TransactionConflict", "None"]);
    assert_eq!(reasons.2, ["TransactionConflict", "None"]);
}

#[tokio::test(start_paused = true)]
async fn two_checks_can_be_set_to_conflict() {
    for (conflicts, expected) in [(Conflicts::Any, vec!["TransactionConflict"]), (Conflicts::Changes, vec![])]
    {
        let engine = engine(Limits { conflicts, ..steady() }).await;
        let check = [raw_check("A", "attribute_not_exists(PK)")];
        let (first, second) = tokio::join!(transact(&engine, &check), transact(&engine, &check));
        assert_eq!((first, second), (vec![], expected.into_iter().map(str::to_owned).collect()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_cancelled_costs_its_units() {
    let engine = engine(Limits { conflicts: Conflicts::None, ..steady() }).await;
    let failing = [raw_check("A", "attribute_exists(PK)")];
    let mut reasons = Vec::new();
    for _ in 0..6 {
        reasons.push(engine.0.transact(json!({"TransactItems": failing}).to_string().as_bytes()));
    }
    let codes =
        reasons.into_iter().map(|body| body.expect("a body")["CancellationReasons"][0]["Code"].clone());
    let codes: Vec<Value> = codes.collect();
    assert_eq!(codes[..5], vec![json!("ConditionalCheckFailed"); 5]);
    assert_eq!(codes[5], "ThrottlingError");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_action_is_reported_as_a_reason() {
    let engine = engine(Limits { conflicts: Conflicts::None, ..steady() }).await;
    let put = [raw_put("A", None)];
    let body = json!({"TransactItems": put}).to_string();
    while engine.0.respond("TransactWriteItems", body.as_bytes()).status == 200 {}
    let both = [raw_put("B", None), put[0].clone()];
    let body = json!({"TransactItems": both}).to_string();
    let answer = engine.0.respond("TransactWriteItems", body.as_bytes());
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body["__type"], format!("{ERROR}TransactionCanceledException"));
    assert_eq!(answer.body["CancellationReasons"], json!([{"Code": "None"}, {"Code": "ThrottlingError"}]));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_throttled_in_part_leaves_keys_unprocessed() {
    let engine = engine(steady()).await;
    apply(&table(&engine), &put(&["A", "B"])).await;
    let keys = [raw_key("A"), raw_key("B")];
    let body = json!({"RequestItems": {NAME: {"Keys": keys, "ConsistentRead": true}}}).to_string();
    while engine.0.model().read_list(Duration::from_millis(8), "A", 1.0) {}
    let answer = engine.0.respond("BatchGetItem", body.as_bytes());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["Responses"][NAME].as_array().map(Vec::len), Some(1));
    assert_eq!(
        answer.body["UnprocessedKeys"],
        json!({NAME: {"Keys": [raw_key("A")], "ConsistentRead": true}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_a_served_key_is_rejected() {
    let engine = engine(steady()).await;
    let body = json!({"RequestItems": {NAME: {"Keys": [raw_key("A")], "ConsistentRead": true}}}).to_string();
    while engine.0.model().read_list(engine.0.now(), "A", 1.0) {}
    let answer = engine.0.respond("BatchGetItem", body.as_bytes());
    assert_eq!(
        (answer.status, &answer.body["__type"]),
        (400, &json!(format!("{ERROR}ProvisionedThroughputExceededException")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttled_query_is_rejected() {
    let engine = engine(steady()).await;
    while engine.0.model().read_list(engine.0.now(), "A", 1.0) {}
    let client = engine.client("once");
    let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let client = Client::from_conf(config);
    let query = client.query().table_name(NAME).key_condition_expression("PK = :pk");
    let query = query.expression_attribute_values(":pk", SdkValue::S("A".to_owned()));
    let error = query.send().await.expect_err("throttled");
    assert_eq!(error.code(), Some("ThrottlingException"));
}

#[tokio::test(start_paused = true)]
async fn a_query_pays_for_its_items_together() {
    let engine = engine(Limits { burst: Duration::from_millis(20), ..steady() }).await;
    let table = table(&engine);
    let mut several = transaction();
    for number in 0..3 {
        let item = NewItem::new(&Key::new(&["A"], &[&number.to_string()]), "Item");
        several.create(item.with_text("text", &"x".repeat(1_900)));
    }
    apply(&table, &several).await;
    // 6 KB cost 2 units, not one for each item.
    let before = engine.0.model().read_list(engine.0.now(), "A", 58.0);
    let (items, _) = table.page(deadline(), ("A", ""), Order::Ascending, None, 10).await.expect("a table");
    assert_eq!((before, items.len(), engine.counts().throttled_reads), (true, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn reads_do_not_conflict_with_transactions() {
    let engine = engine(steady()).await;
    let table = table(&engine);
    let (transaction, key) = (put(&["A"]), key("A"));
    let ((), read) = tokio::join!(apply(&table, &transaction), table.get(deadline(), [&key]));
    assert!(read.is_ok());
    assert_eq!(engine.counts().throttled_reads, 0);
}

#[tokio::test(start_paused = true)]
async fn the_functions_retry_until_they_are_served() {
    let engine = engine(steady()).await;
    let table = Arc::new(Table::new(engine.client("retries"), NAME, Random::system()));
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let table = Arc::clone(&table);
        callers.spawn(async move { table.transact(deadline(), &put(&["A"])).await.map(|_| ()) });
    }
    let outcomes: Vec<std::result::Result<(), TableError>> = callers.join_all().await;
    assert_eq!(outcomes, vec![Ok(()); 20]);
    assert!(engine.counts().conflicts > 0);
}

#[tokio::test(start_paused = true)]
async fn a_table_without_limits_serves_everything() {
    let engine = engine(Limits::none()).await;
    let put = [raw_put("A", None)];
    for _ in 0..2_000 {
        let body = json!({"TransactItems": put}).to_string();
        assert_eq!(engine.0.respond("TransactWriteItems", body.as_bytes()).status, 200);
    }
}
