//! A furnished service behind the proxy, and the outcome of a request to it.

use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use regex::{Captures, Regex};
use shared::operation::description::Success;

use super::calls::Attempt;
use super::fault::{Call, Fault};
use super::proxy::{Plan, Proxy};
use super::snapshot::Snapshot;
use super::standstill::{Attempts, STEP, Standstill};
use crate::support::answer::{health_answer, unavailable};
use crate::support::call::Sent;
use crate::support::items::Changes;
use crate::support::jobs;
use crate::support::target::{Kind, leaves_out};
use crate::support::world::operation_of;
use crate::support::{Answer, World, no_content};

/// Deadline of a request. The time-out of the functions is a second later.
const LONGEST: Duration = Duration::from_secs(9);

/// A service with a table that can be made to fail.
pub(crate) struct Rig {
    /// Service.
    pub(crate) world: World,
    /// Proxy to its table.
    pub(crate) proxy: Proxy,
    attempts: Attempts,
    time: Standstill,
    start: Snapshot,
}

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// Response.
    pub(crate) answer: Answer,
    /// Changes to the table.
    pub(crate) changes: Changes,
}

impl Rig {
    /// Creates a service with the data of [`World::furnish`] another mobile signature with the
    /// `{employee_id}` 7, and another user with the `{staff_number}` 7. Retries and time-outs are those of production, except for the retry
    /// budget: it belongs to the process and would be exhausted by so many faults. Returns `None`
    /// if the table of the target cannot be made to fail.
    pub(crate) async fn new() -> Option<Self> {
        Self::with_budget(TokenBucket::unlimited()).await
    }

    /// Equivalent to [`Rig::new`] with this retry budget.
    pub(crate) async fn with_budget(budget: TokenBucket) -> Option<Self> {
        if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails") {
            return None;
        }
        let (proxy, attempts) = (Proxy::start().await, Attempts::default());
        let budget = RetryPartition::custom("faults").token_bucket(budget).build();
        let watch = |client: Client| {
            let config = client.config().to_builder().endpoint_url(proxy.endpoint());
            let config = config.interceptor(attempts.clone()).retry_partition(budget.clone());
            Client::from_conf(config.build())
        };
        let world = World::in_process(&[], watch).await.within(LONGEST);
        proxy.forward_to(&world.endpoint());
        world.furnish("{Default}").await;
        world.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "7")]).await;
        world.put_user_properties("{client-456}", "{user-123}", &[("{staff_number}", "7")]).await;
        let start = Snapshot::take(world.table()).await;
        Some(Self { world, proxy, attempts, time: Standstill::begin(), start })
    }

    /// Returns the state of the table before each request.
    pub(crate) fn start(&self) -> &Snapshot {
        &self.start
    }

    /// Sets the state of the table before each request.
    pub(crate) async fn start_with(&mut self, start: Snapshot) {
        let now = Snapshot::take(self.world.table()).await;
        start.restore(self.world.table(), &now).await;
        self.start = start;
    }

    /// Keeps the current state of the table for the next request.
    pub(crate) fn continue_from(&mut self, now: Snapshot) {
        self.start = now;
    }

    /// Sends a request under a plan and restores the table. What a request begins, the job ends first.
    pub(crate) async fn outcome(&self, sent: &Sent, plan: Plan) -> Outcome {
        let (mut outcome, mut now) = self.send(sent, plan).await;
        if begins_deletion(sent) && self.sweep().await {
            now = self.start.take_after(self.world.table()).await;
            outcome.changes = now.since(&self.start, self.world.names()).without_progress();
        }
        if outcome.answer.status == 202 {
            outcome.answer = no_content();
        }
        self.start.restore(self.world.table(), &now).await;
        outcome
    }

    /// Runs the job that goes on with deletions, without faults. Returns true if one is left or has ended.
    async fn sweep(&self) -> bool {
        if !self.proxy.has_written() {
            return false;
        }
        jobs::sweep(self.world.table()).await;
        true
    }

    /// Sends a request under a plan and returns the outcome with the resulting table.
    ///
    /// All changes of the service pass the proxy, so the table is read only if there was one.
    pub(crate) async fn send(&self, sent: &Sent, plan: Plan) -> (Outcome, Snapshot) {
        self.proxy.plan(plan);
        self.proxy.drop_before(self.attempts.next());
        let answer = self.world.answer(sent.clone());
        let (answer, waited) = self.time.pass(&self.attempts, &self.proxy, answer).await;
        assert!(waited <= LONGEST + STEP, "answered after {waited:?}: {answer:?}");
        self.proxy.settle().await;
        if !self.proxy.has_written() {
            return (Outcome { answer, changes: Changes::none() }, self.start.clone());
        }
        let now = self.start.take_after(self.world.table()).await;
        let changes = now.since(&self.start, self.world.names());
        (Outcome { answer, changes }, now)
    }

    /// Returns the calls of a request without faults, and its outcome.
    pub(crate) async fn undisturbed(&self, sent: &Sent) -> (Vec<Call>, Outcome) {
        let outcome = self.outcome(sent, Box::new(|_| None)).await;
        let mut calls: Vec<Call> = self.proxy.seen().iter().map(|(attempt, _)| attempt.call).collect();
        calls.sort_unstable();
        calls.dedup();
        (calls, outcome)
    }
}

impl Outcome {
    /// Scrubs values that vary between runs. Generated identifiers are numbered, so that those of
    /// the response still have to match those of the table.
    pub(crate) fn scrubbed(&self) -> String {
        scrub(&format!("{:?}\n{:?}", self.answer, self.changes))
    }

    /// Returns true if the response is that of a service whose table is unavailable.
    pub(crate) fn is_unavailable(&self) -> bool {
        [unavailable(), health_answer(false, &[true], true)].contains(&self.answer)
    }

    /// Returns true if the response leaves open whether the request was applied, and the request
    /// was applied as without faults or not at all.
    pub(crate) fn is_unknown(&self, undisturbed: &Self) -> bool {
        let changes = |outcome: &Self| scrub(&format!("{:?}", outcome.changes));
        let is_unchanged = self.changes.clone().without_marks() == Changes::none();
        self.is_unavailable() && (is_unchanged || changes(self) == changes(undisturbed))
    }

    /// Whether this is a page of a list that ends before `undisturbed` does, with the token of the next.
    pub(crate) fn is_shorter_page(&self, undisturbed: &Self) -> bool {
        let [part, whole] = [self, undisturbed].map(|outcome| outcome.answer.body["items"].as_array());
        self.answer.status == undisturbed.answer.status
            && self.answer.body["_pagination"]["continuationToken"].is_string()
            && part.zip(whole).is_some_and(|(part, whole)| whole.starts_with(part))
            && self.changes == Changes::none()
    }
}

/// Returns true if a request begins a deletion, with which a job goes on.
pub(crate) fn begins_deletion(sent: &Sent) -> bool {
    let operation = operation_of(sent);
    operation.is_some_and(|operation| matches!(operation.description.success, Success::Deletion))
}

/// Replaces each UUID and each identifier of a property with its number in the order of appearance.
fn scrub(text: &str) -> String {
    static MADE: LazyLock<Regex> = LazyLock::new(|| {
        let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
        let property = r#"PROPERTY_ID#[0-9]+|"propertyId": "?[0-9]+"#;
        Regex::new(&format!("{uuid}|{property}")).expect("a pattern")
    });
    let mut seen: Vec<String> = Vec::new();
    let number = |found: &Captures<'_>| {
        let place = seen.iter().position(|made| *made == found[0]).unwrap_or_else(|| {
            seen.push(found[0].to_owned());
            seen.len() - 1
        });
        format!("<made {place}>")
    };
    MADE.replace_all(text, number).into_owned()
}

/// Returns a plan with a fault at those attempts at a call that `on` selects by their number.
pub(crate) fn at(call: Call, on: impl Fn(usize) -> Option<Fault> + Send + 'static) -> Plan {
    Box::new(move |attempt: &Attempt| (attempt.call == call).then(|| on(attempt.number)).flatten())
}
