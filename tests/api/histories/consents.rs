//! The consents of a user to terms that get new versions meanwhile, and their withdrawals.

use std::collections::BTreeSet;

use porcupine_rs::Model;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use serde_json::{Value, json};

use super::record::Object;
use crate::support::answer::{busy, ok};
use crate::support::{Caller, World, created, refused};

#[derive(Clone, Debug)]
pub(super) struct Consents;

/// The requests.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// Publishes a version of the terms, unless they had it before.
    Publish(u32),
    Consent,
    /// Withdraws the consent to a version.
    Withdraw(u32),
    List,
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Published,
    /// The terms had the version before.
    Used,
    Consented(u32),
    Duplicate(u32),
    Withdrawn,
    Missing,
    Listed(BTreeSet<u32>),
    Busy,
}

/// The version of the terms, those that they had, and those with a consent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    version: u32,
    versions: BTreeSet<u32>,
    consents: BTreeSet<u32>,
}

impl Model for Consents {
    type State = State;
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> State {
        State { version: 1, versions: BTreeSet::from([1]), consents: BTreeSet::new() }
    }

    fn step(now: &State, (input, output): &(Input, Output)) -> (bool, State) {
        let mut next = now.clone();
        let is_right = match (input, output) {
            (Input::Publish(version), Output::Published) => {
                next.version = *version;
                next.versions.insert(*version) || now.version == *version
            }
            (Input::Publish(version), Output::Used) => {
                now.versions.contains(version) && now.version != *version
            }
            (_, Output::Consented(version)) => next.consents.insert(*version) && now.version == *version,
            (_, Output::Duplicate(version)) => now.consents.contains(version) && now.version == *version,
            (Input::Withdraw(version), Output::Withdrawn) => next.consents.remove(version),
            (Input::Withdraw(version), Output::Missing) => !now.consents.contains(version),
            (_, Output::Published | Output::Used | Output::Withdrawn | Output::Missing) => false,
            (_, Output::Listed(consents)) => now.consents == *consents,
            (_, Output::Busy) => true,
        };
        (is_right, next)
    }
}

impl Object for Consents {
    type Input = Input;

    async fn prepare(world: &World, number: u32) {
        world.put_user("{client-456}", &format!("{{reader-{number}}}"), &["root"]).await;
        world.put_terms(&format!("{{terms-of-{number}}}"), "1").await;
    }

    fn inputs() -> BoxedStrategy<Input> {
        prop_oneof![
            1 => (2..20_u32).prop_map(Input::Publish),
            4 => Just(Input::Consent),
            3 => (1..20_u32).prop_map(Input::Withdraw),
            2 => Just(Input::List),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let path = format!("/{{client-456}}/users/{{reader-{number}}}/consents");
        let terms = format!("{{terms-of-{number}}}");
        let output = match &input {
            Input::Publish(version) => {
                let call = world.patch(&format!("/terms/{terms}")).by(&Caller::root());
                let answer = call.json(json!({"termsVersion": version.to_string()})).send().await;
                if answer.status == 200 {
                    Output::Published
                } else if answer == busy() {
                    Output::Busy
                } else {
                    assert_eq!(answer, used(number, *version));
                    Output::Used
                }
            }
            Input::Consent => {
                let call = world.post(&path).by(&Caller::root()).json(json!({"termsExtId": terms}));
                let answer = call.send().await;
                if answer == busy() {
                    Output::Busy
                } else if answer.status == 201 {
                    let location = format!("/client-456/users/reader-{number}/consents/terms-of-{number}");
                    let version = answer.leads_to.as_deref().and_then(|path| path.rsplit('/').next());
                    let version = version.and_then(|version| version.parse().ok()).expect("a version");
                    assert_eq!(answer, created(&format!("{location}/{version}"), Value::Null));
                    Output::Consented(version)
                } else {
                    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
                    let version = message.rsplit('\'').nth(1).and_then(|version| version.parse().ok());
                    let version = version.unwrap_or_default();
                    assert_eq!(answer, duplicate(number, version));
                    Output::Duplicate(version)
                }
            }
            Input::Withdraw(version) => {
                let call = world.delete(&format!("{path}/{terms}/{version}")).by(&Caller::root());
                let answer = call.send().await;
                match answer.status {
                    204 => Output::Withdrawn,
                    404 => Output::Missing,
                    _ => {
                        assert_eq!(answer, busy());
                        Output::Busy
                    }
                }
            }
            Input::List => {
                let answer = world.get(&path).by(&Caller::root()).send().await;
                let consents = answer.body.as_array().into_iter().flatten();
                let versions = consents.filter_map(|consent| consent["termsVersion"].as_str()?.parse().ok());
                let versions: BTreeSet<u32> = versions.collect();
                assert_eq!(answer, ok(answer.body.clone()));
                Output::Listed(versions)
            }
        };
        (input, output)
    }
}

/// Returns the response to a version that the terms had before.
fn used(number: u32, version: u32) -> crate::support::Answer {
    let message = format!("Terms with extId 'terms-of-{number}' had the version '{version}' before");
    refused(422, "errors.invalidData", &message)
}

fn duplicate(number: u32, version: u32) -> crate::support::Answer {
    let message = format!(
        "A consent for userExtId: 'reader-{number}', termsExtId: 'terms-of-{number}' and termsVersion: '{version}' already exists."
    );
    refused(422, "errors.duplicateValue", &message)
}
