//! Random sequential requests to the service and to an in-memory model of the contract. After each request the responses
//! are compared, and after each change the tables. After each sequence, the table is exported and imported.
//!
//! `MODEL_STEPS` sets the number of requests, in sequences of up to 100. If the two differ, the
//! sequence is shrunk and printed with its seed.

mod authorisation;
mod bodies;
mod consents;
mod deletions;
mod dispatch_targets;
mod draw;
mod draw_bodies;
mod fido_authenticators;
mod mobile_signature;
mod operations;
mod profiles;
mod properties;
mod reference;
mod round_trip;
mod steps;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use proptest::strategy::BoxedStrategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use reference::{HOUSE, House, Reference};
use serde_json::Value;
use steps::Step;
use tokio::runtime::Runtime;

use crate::support::names::PROPERTY;
use crate::support::target::{Kind, engine, leaves_out, number};
use crate::support::{Answer, World};

/// The operations that have succeeded.
static DONE: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

/// Maximum length of a sequence.
const LONGEST: usize = 100;
/// The time of the items that are there from the start.
const IMPORTED: &str = "2026-01-01T00:00:00Z";
const SEED: u64 = 20_260_301;

/// Returns the number of requests: `MODEL_STEPS`, or 30 for each operation by default.
fn steps() -> usize {
    number("MODEL_STEPS", 30 * functions::OPERATIONS.len())
}

#[test]
fn the_service_responds_and_writes_as_the_model() {
    let left_out = "random requests, which need a new table for each sequence";
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], left_out) || engine().is_some() {
        return;
    }
    let service = Service::start();
    HOUSE.get_or_init(|| House { now: service.world.now(), items: service.items() });
    service.runtime.block_on(round_trip::remember(&service.world));
    // The average length of a sequence is half of the maximum.
    let cases = u32::try_from(steps().div_ceil(LONGEST / 2)).expect("a number of sequences");
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    };
    let sequences = Machine::sequential_strategy(1..LONGEST);
    let outcome = TestRunner::new(config.clone()).run(&sequences, |(initial, steps, seen)| {
        Service::test_sequential(config.clone(), initial, steps, seen);
        Ok(())
    });
    if let Err(difference) = outcome {
        panic!("with the seed {SEED}: {difference}");
    }
    let done = DONE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let all = functions::OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(done, all, "each operation has succeeded");
}

/// The model, driven by random steps.
struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Reference;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Reference> {
        reference::initial()
    }

    fn transitions(state: &Reference) -> BoxedStrategy<Step> {
        draw::any(state)
    }

    fn apply(mut state: Reference, step: &Step) -> Reference {
        state.answer = state.answer_to(step);
        state
    }
}

/// The service, and the names of its generated identifiers in the model.
struct Service {
    runtime: Runtime,
    world: World,
    names: BTreeMap<String, String>,
    /// Whether the last request can have changed the table.
    may_have_changed: bool,
}

impl Service {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let world = runtime.block_on(async {
            let world = World::furnished().await;
            world.put_mobile_signature("client-456", "user-123", &[]).await;
            world
        });
        Self { runtime, world, names: BTreeMap::new(), may_have_changed: true }
    }

    /// Returns the table with the names of the model.
    fn items(&self) -> BTreeMap<String, Value> {
        let items = self.runtime.block_on(self.world.items()).into_json().to_string();
        let mut items: BTreeMap<String, Value> =
            serde_json::from_str(&self.with_names_of_the_model(&items)).expect("JSON");
        // A set is in the order of the identifiers, which have other names in the model.
        let ancestors = items.values_mut().filter_map(|item| item.get_mut("ancestors")?.as_array_mut());
        ancestors.for_each(|set| set.sort_by_key(|id| id.as_str().map(str::to_owned)));
        items.into_values().map(with_shard_of_the_model).collect()
    }

    fn with_names_of_the_model(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (made, name)| text.replace(made, name))
    }

    /// Registers the names of the generated identifiers in a response.
    fn register_names(&mut self, answer: &Answer, expected: &Answer) {
        let members = ["defaultUnitExtId", "defaultProfilePolicyExtId", "extId"];
        let is_made = |member: &&str| {
            let name = expected.body[*member].as_str().unwrap_or_default();
            !answer.body[*member].is_null() && (*member != "extId" || name.starts_with('<'))
        };
        for member in members.into_iter().filter(is_made) {
            let name = expected.body[member].as_str().unwrap_or_default().to_owned();
            self.names.entry(answer.uuid(member)).or_insert(name);
        }
        let last =
            |answer: &Answer| Some(answer.headers.get("location")?.first()?.rsplit('/').next()?.to_owned());
        // The header of a property has no identifier.
        let property =
            |answer: &Answer| Some(answer.leads_to.as_ref()?.strip_prefix("/properties/")?.to_owned());
        if let Some((name, made)) = property(expected).zip(property(answer)) {
            self.names.entry(made).or_insert(name);
        } else if let Some(name) = last(expected).filter(|name| name.starts_with('<'))
            && answer.leads_to.is_some()
        {
            self.names.entry(answer.created_uuid()).or_insert(name);
        }
    }

    /// Registers the name of the deletion that a request has begun, if it has: no response has it.
    fn register_deletion(&mut self, expected: &Reference) {
        let id =
            |place: &String| Some(place.strip_prefix("DELETION#")?.strip_suffix(" | DELETION")?.to_owned());
        let items = self.items();
        let name = expected.items.keys().filter(|place| !items.contains_key(*place)).find_map(id);
        let made = items.keys().filter(|place| !expected.items.contains_key(*place)).find_map(id);
        if let (Some(name), Some(made)) = (name, made) {
            self.names.insert(made, name);
        }
    }

    /// Returns a response with the names of the model.
    fn translate(&self, answer: Answer) -> Answer {
        let body = self.with_names_of_the_model(&answer.body.to_string());
        let headers = answer.headers.into_iter().map(|(name, values)| {
            (name, values.iter().map(|value| self.with_names_of_the_model(value)).collect())
        });
        let mut body: Value = serde_json::from_str(&body).expect("JSON");
        // A list is in the order of the identifiers, which have other names in the model.
        if let Some(items) = body.get_mut("items").and_then(Value::as_array_mut) {
            let names =
                |item: &Value| ["extId", "userExtId"].map(|name| item[name].as_str().map(str::to_owned));
            items.sort_by_cached_key(names);
        }
        Answer { headers: headers.collect(), body, ..answer }
    }
}

/// Returns the place and the item, whose partition can depend on the hash of an identifier, which has another name in
/// the model.
fn with_shard_of_the_model(mut item: Value) -> (String, Value) {
    let [pk, sk] = ["PK", "SK"].map(|name| item[name].as_str().unwrap_or_default().to_owned());
    if let Some((id, _)) = pk.strip_prefix("PROPERTY_VALUES#").and_then(|rest| rest.split_once('#')) {
        item["PK"] = format!("PROPERTY_VALUES#{id}#{}", properties::shard_of(&sk)).into();
    }
    (format!("{} | {sk}", item["PK"].as_str().unwrap_or_default()), item)
}

impl StateMachineTest for Service {
    type SystemUnderTest = Self;
    type Reference = Machine;

    fn init_test(_: &Reference) -> Self {
        Self::start()
    }

    fn apply(mut service: Self, expected: &Reference, step: Step) -> Self {
        let pairs = service.names.iter();
        let made =
            |text: &str| pairs.clone().fold(text.to_owned(), |text, (made, name)| text.replace(name, made));
        let answer = service.runtime.block_on(step.send(&service.world, &made));
        service.may_have_changed = step.operation.method() != "GET";
        if let (Some(answer), Some(expected_answer)) = (answer, &expected.answer) {
            service.register_names(&answer, expected_answer);
            if step.operation.is_deletion() && answer.status == 204 {
                service.register_deletion(expected);
            }
            if answer.status < 300 {
                DONE.lock().unwrap_or_else(PoisonError::into_inner).insert(step.operation.id());
            }
            assert_eq!(service.translate(answer), *expected_answer, "the answer to {step:?}");
        }
        service
    }

    fn teardown(mut service: Self, expected: Reference) {
        service.may_have_changed = true;
        Self::check_invariants(&service, &expected);
        service.runtime.block_on(round_trip::check(&service.world));
    }

    fn check_invariants(service: &Self, expected: &Reference) {
        // What a read changed would be found after the next change, and reading the whole table takes most of the time.
        if !service.may_have_changed {
            return;
        }
        let mut items = service.items();
        items.values_mut().filter(|item| !item["requestHash"].is_null()).for_each(|item| {
            item["requestHash"] = "<hash>".into();
            if item["location"].as_str().is_some_and(|url| url.ends_with(PROPERTY)) {
                item["createdId"] = PROPERTY.into();
            }
            // The response is stored as text, in which the table has the time of the change.
            let body = item["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok());
            if let Some(mut body) = body.filter(|body| body["lastModified"].is_string()) {
                for name in ["created", "lastModified"] {
                    if body[name] != IMPORTED {
                        body[name] = "<now>".into();
                    }
                }
                item["body"] = body.to_string().into();
            }
        });
        let places: BTreeSet<&String> = items.keys().chain(expected.items.keys()).collect();
        let both = places.into_iter().map(|place| (place, items.get(place), expected.items.get(place)));
        let different: Vec<_> = both.filter(|(_, item, expected)| item != expected).collect();
        assert!(different.is_empty(), "items of the service and of the model: {different:#?}");
    }
}
