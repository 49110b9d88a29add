//! Random requests with a fault at every tenth attempt: each response is the same as without faults
//! or 503, and the tables stay equal.
//!
//! | variable | meaning |
//! |---|---|
//! | `FAULT_REQUESTS` | number of requests (400) |
//! | `FAULT_SEED` | seed of the requests (1) |

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use serde_json::{Value, json};

use super::fault::Fault;
use super::proxy::Plan;
use super::rig::{Outcome, Rig};
use super::snapshot::Snapshot;
use crate::support::call::Sent;
use crate::support::items::Changes;
use crate::support::target::{Kind, leaves_out, number};
use crate::support::{Caller, World};

/// Number of requests for one table. After them few requests would have a new effect.
const OF_ONE_TABLE: u64 = 200;

#[test]
fn random_requests_with_faults_lose_no_changes() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "a table that fails") {
        return;
    }
    let (requests, seed) = (number("FAULT_REQUESTS", 400_u64), number("FAULT_SEED", 1));
    println!("{requests} random requests, FAULT_SEED={seed}");
    let (next, faults) = (AtomicU64::new(0), AtomicU64::new(0));
    let tables = requests.div_ceil(OF_ONE_TABLE);
    let work = || {
        loop {
            let table = next.fetch_add(1, Ordering::SeqCst);
            if table >= tables {
                return;
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let requests = OF_ONE_TABLE.min(requests - table * OF_ONE_TABLE);
            let failed = runtime.expect("a runtime").block_on(one_table(seed + table, requests));
            faults.fetch_add(failed, Ordering::SeqCst);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    println!("{} attempts failed", faults.into_inner());
}

/// Sends requests to a service with faults and to one without. Returns the number of failed
/// attempts.
async fn one_table(seed: u64, requests: u64) -> u64 {
    // The jitter of the SDK uses the same seed.
    fastrand::seed(seed);
    let mut rng = Rng::with_seed(seed);
    let mut rig = Rig::new().await.expect("a service in this process");
    let sound = World::in_process(&[], |client| client).await;
    sound.furnish("{Default}").await;
    sound.put_mobile_signature("{client-456}", "{user-123}", &[("{employee_id}", "7")]).await;
    let mut before = Snapshot::take(sound.table()).await;
    let mut faults = 0;
    for count in 0..requests {
        let request = Request::random(&mut rng);
        let answer = sound.answer(request.to(&sound)).await;
        let after = Snapshot::take(sound.table()).await;
        let undisturbed = Outcome { answer, changes: after.since(&before, sound.names()) };
        let (outcome, now) = rig.send(&request.to(&rig.world), every_tenth(rng.fork())).await;
        rig.continue_from(now);
        faults += rig.proxy.seen().iter().filter(|(_, fault)| fault.is_some()).count() as u64;
        if outcome.scrubbed() == undisturbed.scrubbed() {
            before = after;
            continue;
        }
        let place = format!("FAULT_SEED={seed}, request {count}: {request:?}");
        assert!(outcome.is_unknown(&undisturbed), "{place}: {outcome:?} instead of {undisturbed:?}");
        if outcome.changes == Changes::none() {
            before.restore(sound.table(), &after).await;
        } else {
            before = after;
        }
    }
    faults
}

/// Returns a plan with a random fault at every tenth attempt on average.
fn every_tenth(mut rng: Rng) -> Plan {
    Box::new(move |attempt| {
        let faults: Vec<Fault> = [attempt.call.faults(), attempt.call.cancellations()].concat();
        (rng.u8(..10) == 0).then(|| rng.choice(faults).expect("a fault"))
    })
}

#[derive(Debug)]
struct Request {
    method: &'static str,
    path: String,
    body: Value,
    key: Option<String>,
}

impl Request {
    fn random(rng: &mut Rng) -> Self {
        let (user, terms) = (one(rng, &["123", "456"]), one(rng, &["123", "456", "999"]));
        let of_user = format!("/{{client-123}}/users/{{user-{user}}}");
        let number = rng.u8(..8);
        let (method, path, body) = match rng.u8(..10) {
            0 | 1 => {
                let name = rng.u8(..8);
                let body = json!({"extId": format!("{{c-{number}}}"), "name": format!("{{n-{name}}}")});
                ("POST", "/clients".to_owned(), body)
            }
            2 => ("GET", format!("/clients/{{c-{number}}}"), Value::Null),
            3 => {
                let state = one(rng, &["active", "disabled", "unknown"]);
                let body = json!({"extId": format!("{{q-{number}}}"), "stateName": state});
                ("POST", "/{client-123}/personal-questions".to_owned(), body)
            }
            4 => ("GET", format!("/{{client-123}}/personal-questions/{{q-{number}}}"), Value::Null),
            5 => ("POST", format!("{of_user}/consents"), json!({"termsExtId": format!("{{terms-{terms}}}")})),
            6 => ("GET", format!("{of_user}/consents"), Value::Null),
            7 | 8 => {
                let client = one(rng, &["123", "456"]);
                let id = one(rng, &[json!("1"), json!("2"), json!("3"), Value::Null]);
                let nickname = one(rng, &[json!("A"), json!("B"), Value::Null]);
                let body = json!({"{employee_id}": id, "{nickname}": nickname});
                let path = format!("/{{client-{client}}}/users/{{user-123}}/mobile-signature/properties");
                ("PATCH", path, body)
            }
            _ => ("DELETE", format!("{of_user}/dispatch-targets/{{dt-{terms}}}"), Value::Null),
        };
        let key = rng.bool().then(|| format!("key-{}", rng.u8(..40)));
        Self { method, path, body, key }
    }

    fn to(&self, world: &World) -> Sent {
        let call = world.call(self.method, &self.path).by(&Caller::root());
        let call = call.json_if(Some(self.body.clone()).filter(|body| !body.is_null()));
        match &self.key {
            Some(key) => call.header("idempotency-key", key).sent(),
            None => call.sent(),
        }
    }
}

fn one<T: Clone>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())].clone()
}
