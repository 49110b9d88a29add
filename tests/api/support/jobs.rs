//! Runs of jobs, as the schedule begins them.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use functions::deletions::sweep::JOB;
use serde_json::Value;
use shared::clock::{Clock, Deadline, Random, Timestamp};
use shared::host::run_once;
use shared::service::Worker;
use shared::service::config::JobConfig;
use shared::table::TableError;

use super::world::NOW;

/// Default duration of a run.
const LONGEST: Duration = Duration::from_mins(1);

/// Runs the job that goes on with deletions once, on this table.
pub(crate) async fn sweep(table: (&Client, &str)) {
    try_sweep(table).await.expect("the job succeeds");
}

/// Returns the service of the jobs of this table, at the constant time of a service in this process.
pub(crate) fn worker((client, table): (&Client, &str)) -> Worker {
    let config = JobConfig { table_name: table.to_owned(), metrics_namespace: None };
    let clock = Clock::from_fn(|| Timestamp::parse(NOW).expect("a time"));
    Worker::new(config, client.clone(), clock, Random::system())
}

/// Equivalent to [`sweep`], but returns the failure of the job.
pub(crate) async fn try_sweep((client, table): (&Client, &str)) -> Result<(), TableError> {
    let worker = worker((client, table));
    let run = Random::system().uuid();
    run_once(&worker, &JOB, &run, Deadline::after(LONGEST)).await
}

/// Returns an item without what depends on whether a deletion ended in its request or in a later run.
pub(crate) fn without_progress(item: &mut Value) {
    let Some(members) = item.as_object_mut() else { return };
    let is_of = |name: &str, members: &serde_json::Map<String, Value>| members["entityType"] == name;
    if is_of("Deletion", members) {
        members.retain(|name, _| !["version", "revision", "modifiedBy"].contains(&&**name));
    }
    let is_begun =
        members.get("location").and_then(Value::as_str).is_some_and(|url| url.contains("/deletions/"));
    if is_of("IdempotentAnswer", members) && is_begun {
        members.remove("location");
        members.remove("createdId");
        members.insert("status".to_owned(), "204".into());
    }
}
