//! A simulated table for the tests of this module, and tests of what applies to every call: the
//! deadline and the meaning of failures.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::*;
use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::log::tests::Log;
use tokio::time::Instant;

/// The answer of the simulated table to a call.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A successful response with this body.
    Ok(Value),
    /// An error response with this status, code and further members.
    Error(u16, &'static str, Value),
    /// The successful response of a table without items.
    Done,
    /// A successful response with an empty body.
    Empty,
    /// The connection breaks before the response arrives.
    Lost,
    /// No response is ever sent.
    Silence,
}

/// Returns an error response with this code.
pub(crate) fn error(code: &'static str) -> Answer {
    Answer::Error(400, code, json!({}))
}

/// Returns the error response of a transaction that was cancelled for these reasons.
pub(crate) fn cancelled(reasons: &[&str]) -> Answer {
    let reasons: Vec<Value> = reasons.iter().map(|code| json!({"Code": code})).collect();
    Answer::Error(400, "TransactionCanceledException", json!({"CancellationReasons": reasons}))
}

/// A recorded call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) body: Value,
    /// Milliseconds since the simulated table was created.
    pub(crate) at: u128,
}

/// A simulated table that answers as configured and records all calls.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Shared>);

struct Shared {
    answer: Box<dyn Fn(usize) -> Answer + Send + Sync>,
    calls: Mutex<Vec<Call>>,
    laid: Instant,
}

impl Wire {
    /// Creates a simulated table. `answer` receives the number of the call, starting with 0.
    #[expect(clippy::disallowed_methods, reason = "time stands still here unless something waits")]
    pub(crate) fn new(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { answer: Box::new(answer), calls: Mutex::default(), laid: Instant::now() }))
    }

    /// Returns a client of the simulated table.
    ///
    /// Each test needs its own `region`, because the SDK keeps one retry budget per region.
    pub(crate) fn client(&self, region: &'static str) -> Client {
        let connector = SharedHttpConnector::new(self.clone());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url("http://localhost")
            .credentials_provider(Credentials::new("-", "-", None, None, "-"))
            .http_client(http_client_fn(move |_, _| connector.clone()));
        connection::client(config)
    }

    /// Returns the table that uses [`Wire::client`].
    pub(crate) fn table(&self, region: &'static str, random: Random) -> Table {
        Table::new(self.client(region), "the-table", random)
    }

    /// Returns all calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().expect("not poisoned").clone()
    }

    /// Returns the bodies of all calls so far.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.calls().into_iter().map(|call| call.body).collect()
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().expect("a body in memory")).expect("JSON");
        let at = self.0.laid.elapsed().as_millis();
        let mut calls = self.0.calls.lock().expect("not poisoned");
        let answer = (self.0.answer)(calls.len());
        let done = match operation.as_str() {
            "BatchGetItem" => json!({"Responses": {}}),
            "TransactWriteItems" => json!({"ConsumedCapacity": []}),
            _ => json!({"Items": []}),
        };
        calls.push(Call { operation, body, at });
        HttpConnectorFuture::new(async move {
            let (status, body) = match answer {
                Answer::Ok(body) => (200, body.to_string()),
                Answer::Done => (200, done.to_string()),
                Answer::Empty => (200, String::new()),
                Answer::Error(status, code, mut body) => {
                    body["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{code}"));
                    body["message"] = json!("not for callers");
                    (status, body.to_string())
                }
                Answer::Lost => return Err(ConnectorError::io("the connection broke".into())),
                Answer::Silence => std::future::pending().await,
            };
            let status = status.try_into().expect("a status");
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        })
    }
}

/// Returns a random source that differs from call to call but is the same in every run.
pub(crate) fn random() -> Random {
    let count = Mutex::new(0_u128);
    Random::from_fn(move || {
        let mut count = count.lock().expect("not poisoned");
        *count += 0x0123_4567_89ab_cdef_0fed_cba9_8765_4321;
        count.to_le_bytes()
    })
}

/// Returns a deadline this many seconds from now.
pub(crate) fn seconds(count: u64) -> Deadline {
    Deadline::after(Duration::from_secs(count))
}

/// Returns the stamp of a request.
pub(crate) fn stamp() -> Stamp {
    Stamp {
        now: Timestamp::parse("2026-01-01T00:00:00Z").expect("a moment"),
        by: "100/admin".to_owned(),
        request: "request-1".to_owned(),
    }
}

#[test]
fn an_unavailable_table_is_503_and_an_internal_error_is_500() {
    assert_eq!(ApiError::from(TableError::Unavailable), ApiError::Unavailable);
    assert_eq!(ApiError::from(TableError::Refused), ApiError::Internal);
    assert_eq!(ApiError::from(TableError::Corrupt), ApiError::Internal);
}

/// The maximum delays are 20, 40, 80, 160, 320 and 640 ms.
///
/// The random source of this test always returns the maximum.
#[tokio::test(start_paused = true)]
async fn the_back_off_grows_to_at_most_640_ms() {
    let multiple_of_all = 81_u128 * 7 * 41 * 23 * 107 * 641;
    let highest = Random::from_fn(move || (multiple_of_all - 1).to_le_bytes());
    let wire = Wire::new(|_| cancelled(&["TransactionConflict"]));
    let mut transaction = Transaction::new(&stamp());
    transaction.check(Key::new(&["A"], &["A"]), Condition::Exists);
    let outcome = wire.table("waits", highest).transact(seconds(3), &transaction).await;
    assert_eq!(outcome.err(), Some(TableError::Unavailable));
    let at: Vec<u128> = wire.calls().iter().map(|call| call.at).collect();
    let waits: Vec<u128> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [20, 40, 80, 160, 320, 640, 640, 640]);
}

/// A call returns by the deadline, and not long before it while a retry may succeed.
#[tokio::test(start_paused = true)]
async fn time_outs_and_throttling_are_retried_until_the_deadline() {
    for (region, answer) in [
        ("silence", Answer::Silence),
        ("conflict", cancelled(&["TransactionConflict"])),
        ("throttled", error("ThrottlingException")),
        ("throughput", error("ProvisionedThroughputExceededException")),
        ("limit", error("RequestLimitExceeded")),
        ("in-progress", error("TransactionInProgressException")),
    ] {
        let wire = Wire::new(move |_| answer.clone());
        let table = wire.table(region, random());
        let mut transaction = Transaction::new(&stamp());
        transaction.check(Key::new(&["A"], &["A"]), Condition::Exists);
        let call = table.transact(seconds(8), &transaction);
        let early = tokio::time::timeout(Duration::from_millis(7_990), call).await;
        assert!(early.is_err(), "{region}: {early:?}");
        let call = table.transact(seconds(8), &transaction);
        let late = tokio::time::timeout(Duration::from_millis(8_010), call).await;
        assert!(matches!(late, Ok(Err(TableError::Unavailable))), "{region}: {late:?}");
    }
}

/// Two batches, a page and a transaction that is cancelled once are sequential calls, and therefore
/// each a trip.
///
/// Their capacity is as the table reports it.
#[tokio::test(start_paused = true)]
async fn every_call_is_counted_with_its_consumed_capacity() {
    let read = |units: f64| json!({"TableName": "the-table", "CapacityUnits": units});
    let key = Key::new(&["A"], &["A"]);
    let keys = json!({"Keys": [{"PK": {"S": "A"}, "SK": {"S": "A"}}], "ConsistentRead": true});
    let mut write = read(4.0);
    write["WriteCapacityUnits"] = json!(4.0);
    let answers = [
        Answer::Ok(json!({
            "Responses": {}, "UnprocessedKeys": {"the-table": keys}, "ConsumedCapacity": [read(1.0)],
        })),
        Answer::Ok(json!({"Responses": {}, "ConsumedCapacity": [read(2.0)]})),
        Answer::Ok(json!({"Items": [], "ConsumedCapacity": read(0.5)})),
        cancelled(&["TransactionConflict"]),
        Answer::Ok(json!({"ConsumedCapacity": [write]})),
    ];
    let wire = Wire::new(move |number| answers[number].clone());
    let (meter, table) = (Meter::default(), wire.table("metered", random()));
    let table = table.metered(&meter);
    let found = table.get(seconds(1), [&key]).await;
    assert_eq!(found, Ok([None]));
    assert_eq!(meter.usage(), Usage { trips: 2, calls: 2, read_units: 3.0, write_units: 0.0 });
    assert_eq!(table.query(seconds(1), "A", "A").await, Ok(Vec::new()));
    let mut transaction = Transaction::new(&stamp());
    transaction.check(key, Condition::Exists);
    let outcome = table.transact(seconds(1), &transaction).await;
    assert!(matches!(outcome, Ok(Outcome::Done)), "{outcome:?}");
    assert_eq!(wire.bodies()[3]["ReturnConsumedCapacity"], "TOTAL");
    assert_eq!(meter.usage(), Usage { trips: 5, calls: 5, read_units: 3.5, write_units: 4.0 });
}

/// A call that is dropped is no longer in progress.
#[tokio::test(start_paused = true)]
async fn concurrent_calls_are_one_trip_whatever_their_result() {
    let wire = Wire::new(|_| Answer::Silence);
    let (meter, key) = (Meter::default(), Key::new(&["A"], &["A"]));
    let table = wire.table("at-once", random()).metered(&meter);
    let at_once =
        Box::pin(async { tokio::join!(table.get(seconds(9), [&key]), table.query(seconds(9), "A", "A")) });
    assert!(tokio::time::timeout(Duration::from_secs(1), at_once).await.is_err());
    assert_eq!(meter.usage(), Usage { trips: 1, calls: 2, ..Usage::default() });
    assert!(table.get(seconds(1), [&key]).await.is_err());
    assert_eq!(meter.usage(), Usage { trips: 2, calls: 3, ..Usage::default() });
}

/// The kinds are documented for operators. The messages of the HTTP client and of the table are not
/// logged.
#[tokio::test(start_paused = true)]
async fn unavailability_is_logged_with_its_kind_host_status_and_code() {
    let fault = |status, code| Answer::Error(status, code, json!({}));
    for (region, answer, expected) in [
        ("logged-lost", Answer::Lost, json!({"kind": "connection"})),
        ("logged-attempts", Answer::Silence, json!({"kind": "timeout"})),
        ("logged-deadline", Answer::Silence, json!({"kind": "timeout"})),
        ("logged-empty", Answer::Empty, json!({"kind": "response"})),
        (
            "logged-fault",
            fault(500, "InternalServerError"),
            json!({"kind": "status", "status": 500, "code": "InternalServerError"}),
        ),
        ("logged-away", fault(503, "Away"), json!({"kind": "status", "status": 503, "code": "Away"})),
    ] {
        let deadline = if region == "logged-deadline" { 2 } else { 20 };
        let wire = Wire::new(move |_| answer.clone());
        let host = Some("table.example".to_owned());
        let table = Table::new(Connection { client: wire.client(region), host }, "the-table", random());
        let log = Log::default();
        // The SDK logs that the simulated table has no connection.
        let guard = log.collect("shared=info");
        assert!(table.get(seconds(deadline), [&Key::new(&["A"], &["A"])]).await.is_err());
        drop(guard);
        let mut line = json!({
            "level": "WARN", "target": "shared::table", "message": "table unavailable",
            "call": "BatchGetItem", "host": "table.example",
        });
        for (name, value) in expected.as_object().expect("an object") {
            line[name] = value.clone();
        }
        assert_eq!(log.lines(&["timestamp"]), [line], "{region}");
    }
}
