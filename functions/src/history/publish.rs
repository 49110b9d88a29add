//! The job `publish-changes`: writes the history and publishes events.

use std::collections::HashSet;

use serde_json::json;
use shared::bus::{BusEvent, EventBus, MAX_BYTES, MAX_EVENTS};
use shared::http::encoded_segment;
use shared::job::{Outlet, Processed, StreamJob};
use shared::service::Steps;
use shared::service::config::Publishing;
use shared::table::stream::StreamRecord;
use shared::table::{Condition, TableError};

use super::authors::authors_of;
use super::change::{Author, Change};
use super::row;

/// The job, as listed in [`STREAM_JOBS`](crate::STREAM_JOBS).
pub const JOB: StreamJob = StreamJob {
    id: "publish-changes",
    summary: "Write the history of changes and publish them as events",
    run: |steps, outlet, records| Box::pin(run(steps, outlet, records)),
};

/// The maximum number of rows of one transaction, whose size is limited to 4 MB.
const MAX_ROWS: usize = 4_000_000 / (row::MAX_SIZE + 4_096);
/// The maximum number of attempts to publish an event in one run.
const MAX_ATTEMPTS: u32 = 4;

/// A change with its author and the record that it comes from.
struct Authored<'a> {
    /// The position of the record in the event.
    index: usize,
    record: &'a StreamRecord,
    change: Change,
    author: Option<Author>,
}

/// Writes the rows of the changes, then publishes their events, both in the order of the records.
async fn run(steps: &Steps, outlet: &Outlet<'_>, records: &[StreamRecord]) -> Processed {
    let (mut changes, mut failed) = (Vec::new(), 0);
    for (index, record) in records.iter().enumerate() {
        if let Ok(change) = Change::of(record) {
            changes.extend(change.map(|change| (index, record, change)));
        } else {
            // Its cause has been logged. It must not hold up the others.
            tracing::error!(sequence = record.sequence, "stream record is not what its type says");
            failed += 1;
        }
    }
    let done = match authored(changes, steps).await {
        Ok(changes) => {
            let written = write_rows(&changes, steps, outlet.publishing).await;
            let published = publish(&changes[..written], steps, outlet).await;
            changes.get(published).map_or(records.len(), |next| next.index)
        }
        Err(_) => 0,
    };
    Processed { done, failed }
}

/// Completes changes by their authors.
async fn authored<'a>(
    changes: Vec<(usize, &'a StreamRecord, Change)>,
    steps: &Steps,
) -> Result<Vec<Authored<'a>>, TableError> {
    let (places, changes): (Vec<_>, Vec<_>) =
        changes.into_iter().map(|(index, record, change)| ((index, record), change)).unzip();
    let authors = authors_of(&changes, steps).await?;
    let authored = places.into_iter().zip(changes).zip(authors);
    Ok(authored
        .map(|(((index, record), change), author)| {
            if author.is_none() {
                tracing::warn!(sequence = record.sequence, "author of a deletion is unknown");
            }
            Authored { index, record, change, author }
        })
        .collect())
}

/// Writes the rows of changes. Returns how many of them are written. The row of a record that is delivered again
/// replaces itself.
async fn write_rows(changes: &[Authored<'_>], steps: &Steps, publishing: &Publishing) -> usize {
    let mut written = 0;
    for part in changes.chunks(MAX_ROWS) {
        let mut rows = steps.transaction();
        for Authored { record, change, author, .. } in part {
            let (now, days) = (steps.stamp().now, publishing.retention_days);
            let row = row::new_item(change, author.as_ref(), record, now, days);
            rows.put(row, Condition::Any);
        }
        if !steps.has_time() || steps.apply(&rows).await != Ok(true) {
            break;
        }
        written += part.len();
    }
    written
}

/// Publishes the events of changes. Returns how many of them are published.
async fn publish(changes: &[Authored<'_>], steps: &Steps, outlet: &Outlet<'_>) -> usize {
    let Some(bus) = outlet.bus else { return changes.len() };
    let events: Vec<BusEvent> = changes.iter().map(|change| change.event(outlet.publishing)).collect();
    let mut published = 0;
    while published < events.len() && steps.has_time() {
        let count = batch(&events[published..]);
        let batch = &events[published..published + count];
        let done = put(bus, batch, steps).await;
        published += done;
        if done < count {
            break;
        }
    }
    published
}

/// Returns the number of events, from the first one, that one call can publish: at least one. An object has one of them,
/// so that the order of its events stays the same if the bus refuses some.
fn batch(events: &[BusEvent]) -> usize {
    let (mut size, mut subjects) = (0, HashSet::new());
    let fits = |event: &&BusEvent| {
        size += event.size();
        size <= MAX_BYTES && subjects.insert(event.subject.clone())
    };
    events.iter().take(MAX_EVENTS).take_while(fits).count().max(1)
}

/// Publishes events with one call, and those that are refused again. Returns the number of events, from the first one,
/// that are published.
async fn put(bus: &dyn EventBus, events: &[BusEvent], steps: &Steps) -> usize {
    let mut is_published = vec![false; events.len()];
    for attempt in 1..=MAX_ATTEMPTS {
        let open: Vec<usize> = (0..events.len()).filter(|index| !is_published[*index]).collect();
        let again: Vec<&BusEvent> = open.iter().map(|index| &events[*index]).collect();
        for (index, published) in open.iter().zip(bus.put(&again).await) {
            is_published[*index] = published;
        }
        if is_published.iter().all(|published| *published) || !steps.has_time() || attempt == MAX_ATTEMPTS {
            break;
        }
        if steps.back_off(attempt).await.is_err() {
            break;
        }
    }
    is_published.iter().take_while(|published| **published).count()
}

impl Authored<'_> {
    /// Returns the event of the change. One that the bus would not accept has no large values.
    fn event(&self, publishing: &Publishing) -> BusEvent {
        let event = self.event_of(&self.change, publishing);
        if event.size() <= MAX_BYTES {
            event
        } else {
            self.event_of(&self.change.without_large_values(), publishing)
        }
    }

    /// Returns the event of a change: a CloudEvents 1.0 event in JSON. Its `id` is that of the record, so that a receiver
    /// can drop one that it gets twice.
    fn event_of(&self, change: &Change, publishing: &Publishing) -> BusEvent {
        let Self { record, author, .. } = self;
        let Publishing { type_prefix, source, .. } = publishing;
        let event_type = event_type(type_prefix, change.kind.noun, change.change_type.as_str());
        let subject = change.kind.path_of(&change.identifiers, encoded_segment);
        let mut event = json!({
            "specversion": "1.0",
            "id": record.id,
            "source": source,
            "type": event_type,
            "subject": subject,
            "time": author.as_ref().map(|author| &author.at),
            "datacontenttype": "application/json",
            "data": change.data(author.as_ref()),
        });
        // CloudEvents allows no attribute without a value.
        if let Some(attributes) = event.as_object_mut() {
            attributes.retain(|_, value| !value.is_null());
        }
        BusEvent { source: source.clone(), event_type, subject, detail: event.to_string() }
    }
}

/// Returns the type of an event.
#[must_use]
pub fn event_type(prefix: &str, noun: &str, change_type: &str) -> String {
    format!("{prefix}.{noun}.{change_type}")
}
