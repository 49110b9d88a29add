//! A service whose changes the job publishes.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use functions::history::publish::JOB;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use shared::bus::{BusEvent, EventBus, PutFuture};
use shared::clock::Deadline;
use shared::host::process;
use shared::job::Outlet;
use shared::service::config::Publishing;

use crate::support::{Caller, World, documented, jobs};

/// A bus that keeps the events, and can refuse some.
#[derive(Default)]
pub(super) struct Bus {
    events: Mutex<Vec<Value>>,
    /// Which calls fail: each has the indexes of the events that are refused.
    refusals: Mutex<VecDeque<Vec<usize>>>,
    /// The number of events of each call.
    calls: Mutex<Vec<usize>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asserts that an event is as the schema of its type in `events` says.
fn assert_described(event_type: &str, event: &Value) {
    static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let name = event_type.strip_prefix("com.example.").expect("the default prefix");
    let validator = Arc::clone(lock(&VALIDATORS).entry(name.to_owned()).or_insert_with(|| {
        let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let schema = fs::read_to_string(path).expect("a schema");
        let mut schema: Value = serde_json::from_str(&schema).expect("JSON");
        documented::close(&mut schema);
        let options = jsonschema::options().with_draft(Draft::Draft202012);
        Arc::new(options.should_validate_formats(true).build(&schema).expect("a schema"))
    }));
    let errors: Vec<String> = validator.iter_errors(event).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?} in {event:#}");
}

impl EventBus for Bus {
    fn put<'a>(&'a self, events: &'a [&'a BusEvent]) -> PutFuture<'a> {
        lock(&self.calls).push(events.len());
        let refused = lock(&self.refusals).pop_front().unwrap_or_default();
        let results: Vec<bool> = (0..events.len()).map(|index| !refused.contains(&index)).collect();
        let published = events.iter().zip(&results).filter(|(_, is_published)| **is_published);
        let parsed = published.map(|(event, _)| {
            let detail = serde_json::from_str(&event.detail).expect("JSON");
            assert_described(&event.event_type, &detail);
            detail
        });
        lock(&self.events).extend(parsed);
        Box::pin(async { results })
    }
}

impl Bus {
    /// Refuses events of the next calls at these indexes.
    pub(super) fn refuse(&self, calls: impl IntoIterator<Item = Vec<usize>>) {
        lock(&self.refusals).extend(calls);
    }

    /// Returns the number of events of each call since the last time.
    pub(super) fn calls(&self) -> Vec<usize> {
        std::mem::take(&mut lock(&self.calls))
    }
}

/// A world with the stream of its table, and how far it is published.
pub(super) struct Follower {
    pub(super) world: World,
    pub(super) bus: Bus,
    publishing: Publishing,
    position: Mutex<Option<String>>,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Follower {
    /// Creates a furnished world whose further changes are published.
    pub(super) async fn furnished() -> Self {
        Self::of(World::furnished().await).await
    }

    /// Publishes the further changes of a world.
    pub(super) async fn of(world: World) -> Self {
        world.enable_stream().await;
        let publishing = Publishing::read(|_| None).expect("defaults");
        Self { world, bus: Bus::default(), publishing, position: Mutex::default(), lines: Arc::default() }
    }

    /// Sets how changes are published.
    pub(super) fn publishing(self, publishing: Publishing) -> Self {
        Self { publishing, ..self }
    }

    /// Returns the records that are not published yet.
    pub(super) fn records(&self) -> Vec<Value> {
        let (mut records, mut after) = (Vec::new(), lock(&self.position).clone());
        loop {
            let next = self.world.stream(after.as_deref());
            let Some(last) = next.last() else { return records };
            after = last["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
            records.extend(next);
        }
    }

    /// Regards all records up to now as published.
    pub(super) fn skip(&self) {
        if let Some(last) = self.records().last() {
            *lock(&self.position) = last["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        }
    }

    /// Runs the job on these records. Returns its response to Lambda.
    pub(super) async fn run(&self, records: &[Value]) -> Value {
        self.run_on(self.world.table(), records).await
    }

    /// Equivalent to [`Self::run`] with another client of the table.
    pub(super) async fn run_on(&self, table: (&Client, &str), records: &[Value]) -> Value {
        let lines = Arc::clone(&self.lines);
        let worker = jobs::worker(table)
            .log_to(move |line| lock(&lines).push(serde_json::from_str(line).expect("JSON")));
        let outlet = Outlet { bus: Some(&self.bus), publishing: &self.publishing };
        let event = json!({"Records": records}).to_string();
        let deadline = Deadline::after(Duration::from_mins(1));
        process(&worker, &JOB, &outlet, "run", event.as_bytes(), deadline).await.expect("records")
    }

    /// Publishes everything, and returns the new events.
    pub(super) async fn publish(&self) -> Vec<Value> {
        let records = self.records();
        for batch in records.chunks(100) {
            assert_eq!(self.run(batch).await, json!({"batchItemFailures": []}));
        }
        self.skip();
        self.events()
    }

    /// Publishes the last records.
    pub(super) async fn skip_to_last(&self, count: usize) {
        let records = self.records();
        self.run(&records[records.len() - count..]).await;
    }

    /// Returns the events since the last time.
    pub(super) fn events(&self) -> Vec<Value> {
        std::mem::take(&mut lock(&self.bus.events))
    }

    /// Returns the log lines of the job since the last time.
    pub(super) fn lines(&self) -> Vec<Value> {
        std::mem::take(&mut lock(&self.lines))
    }

    /// Returns the rows of a history, page by page.
    pub(super) async fn rows(&self, path: &str) -> Vec<Value> {
        let (mut rows, mut token) = (Vec::new(), String::new());
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = self.world.get(&format!("/history/{path}{separator}limit=1000{token}"));
            let answer = page.by(&Caller::root()).send().await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            rows.extend(answer.body["items"].as_array().expect("items").iter().cloned());
            match answer.body["_pagination"]["continuationToken"].as_str() {
                Some(next) => token = format!("&continuationToken={next}"),
                None => return rows,
            }
        }
    }
}
