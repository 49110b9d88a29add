//! Functions killed at every call to the table: before the call is applied, after it, and while it
//! is in flight.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};
use shared::auth::key_set::Fetch;
use shared::clock::{Clock, Random};
use shared::network::NetworkFailure;

use super::function::Function;
use super::{PROGRAMS, are_left_out};
use crate::faults::fault::{Call, Fault, Kind};
use crate::faults::proxy::Proxy;
use crate::faults::rig::{Outcome, at};
use crate::faults::scenes::{Scene, good};
use crate::faults::snapshot::Snapshot;
use crate::operations::all_rows;
use crate::support::call::Sent;
use crate::support::events::{Gateway, response_of};
use crate::support::items::Changes;
use crate::support::world::operation_of;
use crate::support::{Answer, World, no_content};

/// A furnished table behind a proxy, and the variables of functions that use it.
pub(super) struct Site {
    /// The service in this process that uses the same table.
    pub(super) world: World,
    /// The proxy to the table.
    pub(super) proxy: Proxy,
    /// The environment variables of the functions.
    pub(super) variables: Vec<(String, String)>,
    start: Snapshot,
}

impl Site {
    pub(super) async fn new() -> Self {
        let table = format!("crash-{}", &Random::system().uuid()[..8]);
        let nowhere: Fetch = Arc::new(|_| Box::pin(async { Err(NetworkFailure::Connect) }));
        // The functions use the system clock.
        let world = World::at(Clock::system(), &nowhere, &[("TABLE_NAME", &table)]).await;
        world.furnish("{Default}").await;
        world.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "7")]).await;
        let proxy = Proxy::start().await;
        proxy.forward_to(&world.endpoint());
        let variables = world.variables(&proxy.endpoint());
        let start = Snapshot::take(world.table()).await;
        Self { world, proxy, variables, start }
    }

    /// Returns the event of a request.
    fn event(sent: &Sent) -> Value {
        Gateway::RestApi.event(sent)
    }

    /// Sends a request to a function and compares the table with the initial state.
    pub(super) async fn outcome(&self, function: &mut Function, sent: &Sent) -> Outcome {
        self.proxy.plan(Box::new(|_| None));
        function.deliver(Self::event(sent));
        let answer = self.world.scrubbed(response_of(&function.answer().await));
        Outcome { answer, changes: self.changes().await }
    }

    /// Returns the changes of the table since the initial state.
    pub(super) async fn changes(&self) -> Changes {
        self.proxy.settle().await;
        Snapshot::take(self.world.table()).await.since(&self.start, self.world.names())
    }

    /// Restores the initial state of the table.
    pub(super) async fn restore(&self) {
        let now = Snapshot::take(self.world.table()).await;
        self.start.restore(self.world.table(), &now).await;
    }

    /// Kills a function after this fault has affected its call.
    pub(super) async fn kill_at(&self, operation: &str, sent: &Sent, call: Call, fault: Fault) {
        self.kill_with(operation, Self::event(sent), call, fault).await;
    }

    /// Kills the function of a job after this fault has affected its call.
    pub(super) async fn kill_job_at(&self, job: &str, call: Call, fault: Fault) {
        self.kill_with(job, json!({}), call, fault).await;
    }

    async fn kill_with(&self, id: &str, event: Value, call: Call, fault: Fault) {
        let function = Function::start(id, &self.variables).await;
        self.proxy.plan(at(call, move |number| (number == 1).then_some(fault)));
        function.deliver(event);
        while self.proxy.held() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        function.kill();
    }
}

/// Returns true if this is the expected response to a request without an idempotency key that has
/// already been applied.
fn is_expected_repetition(scene: &Scene, undisturbed: &Answer, again: &Answer) -> bool {
    match scene.sent.method.as_str() {
        "POST" => again.status == 422 && again.body["errors"][0]["code"] == "errors.duplicateValue",
        "DELETE" => again.status == 404 && again.body["errors"][0]["code"] == "errors.noRecord",
        _ => again == undisturbed,
    }
}

/// Scrubs an outcome, including the expiry of a stored response, the times in its body and the time in the key of a
/// withdrawn consent.
pub(super) fn timeless(outcome: &Outcome) -> String {
    static TIMES: LazyLock<Regex> = LazyLock::new(|| {
        let in_body = r#"(created|lastModified)\\":\\"[0-9TZ:.-]+"#;
        let in_key = "CONSENT_WITHDRAWN#([^#]+#[^#]+)#[^#]+";
        Regex::new(&format!(r#""expires": "[0-9]+"|{in_body}|{in_key}"#)).expect("a pattern")
    });
    TIMES.replace_all(&outcome.scrubbed(), "$1$2").into_owned()
}

#[tokio::test]
async fn a_function_killed_at_a_call_applies_all_or_nothing_and_the_next_one_continues() {
    if are_left_out() {
        return;
    }
    let site = Site::new().await;
    let mut kills = 0;
    // Those that delete in several steps have tests of their own.
    let rows = all_rows().filter(|row| PROGRAMS.contains(&row.id) && !row.is_deletion());
    for scene in rows.flat_map(|row| good(&site.world, row)) {
        let operation = operation_of(&scene.sent).expect("an operation").id;
        let mut next = Function::start(operation, &site.variables).await;
        let undisturbed = site.outcome(&mut next, &scene.sent).await;
        let mut calls: Vec<Call> = site.proxy.seen().iter().map(|(attempt, _)| attempt.call).collect();
        calls.sort_unstable();
        calls.dedup();
        assert!(undisturbed.answer.status < 300 && !calls.is_empty(), "{}: {undisturbed:?}", scene.name);
        site.restore().await;
        for call in calls {
            for fault in [Fault::Silent { applied: false }, Fault::Silent { applied: true }, Fault::Late] {
                let place = format!("{} killed at {call:?}, {fault:?}", scene.name);
                site.kill_at(operation, &scene.sent, call, fault).await;
                let is_done = call.kind == Kind::Transact && fault != (Fault::Silent { applied: false });
                let changes = site.changes().await;
                let again = site.outcome(&mut next, &scene.sent).await;
                let after = |changes: &Changes| {
                    // A response could have other generated identifiers than the table.
                    timeless(&Outcome { answer: no_content(), changes: changes.clone() })
                };
                let expected = if is_done { after(&undisturbed.changes) } else { after(&Changes::none()) };
                assert_eq!(after(&changes), expected, "{place}");
                if scene.has_key || !is_done {
                    assert_eq!(timeless(&again), timeless(&undisturbed), "{place}");
                } else {
                    assert!(
                        is_expected_repetition(&scene, &undisturbed.answer, &again.answer),
                        "{place}: {again:?}"
                    );
                    assert_eq!(again.changes, changes, "{place}");
                }
                site.restore().await;
                kills += 1;
            }
        }
    }
    println!("{kills} functions killed");
}
