//! A dispatch target and the authenticators that refer to it, which are created, changed and deleted repeatedly. Two of
//! the authenticators have the same key.

use functions::dispatch_targets::{self, DispatchTargetExtId};
use functions::fido_authenticators::{self, FidoUafCredentialExtId};
use porcupine_rs::Model;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use serde_json::json;

use super::record::Object;
use crate::support::answer::busy;
use crate::support::{Answer, Caller, World};

/// Number of authenticators of the user. The first two have the same key.
const AUTHENTICATORS: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Devices;

/// The requests.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// Creates the target.
    Create,
    /// Deletes the target.
    Delete,
    /// Creates an authenticator that refers to the target.
    Register(usize),
    /// Makes an authenticator refer to the target.
    Link(usize),
    /// Makes an authenticator refer to no target.
    Unlink(usize),
    /// Deletes an authenticator.
    Remove(usize),
    /// Reads the target and the authenticators.
    Read,
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    /// The target does not exist.
    NoTarget,
    /// The authenticator does not exist.
    NoAuthenticator,
    /// The extId of the target or of the authenticator is in use.
    Duplicate,
    /// The key is registered.
    NotUnique,
    Busy,
    Found(State),
}

/// An authenticator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Authenticator {
    #[default]
    Absent,
    /// It refers to no target.
    Free,
    /// It refers to the target.
    Linked,
}

/// Whether the target exists, and the authenticators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    target: bool,
    authenticators: [Authenticator; AUTHENTICATORS],
}

impl State {
    /// Returns true if another authenticator has the key of this one.
    fn has_twin(&self, index: usize) -> bool {
        index < 2 && self.authenticators[1 - index] != Authenticator::Absent
    }
}

impl Model for Devices {
    type State = State;
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> State {
        State::default()
    }

    fn step(now: &State, (input, output): &(Input, Output)) -> (bool, State) {
        let mut next = now.clone();
        let is_absent = |index: usize| now.authenticators[index] == Authenticator::Absent;
        let is_right = match (input, output) {
            (_, Output::Busy) => true,
            (_, Output::Found(found)) => now == found,
            (Input::Create, Output::Done) => !std::mem::replace(&mut next.target, true),
            (Input::Create, Output::Duplicate) => now.target,
            (Input::Delete, Output::Done) => {
                next.target = false;
                let linked = next.authenticators.iter_mut().filter(|one| **one == Authenticator::Linked);
                linked.for_each(|one| *one = Authenticator::Free);
                now.target
            }
            (Input::Delete | Input::Register(_), Output::NoTarget) => !now.target,
            (Input::Register(index), Output::Done) => {
                next.authenticators[*index] = Authenticator::Linked;
                now.target && is_absent(*index) && !now.has_twin(*index)
            }
            (Input::Register(index), Output::Duplicate) => !is_absent(*index),
            (Input::Register(index), Output::NotUnique) => now.has_twin(*index) || !is_absent(*index),
            (Input::Link(index), Output::Done) => {
                next.authenticators[*index] = Authenticator::Linked;
                now.target && !is_absent(*index)
            }
            (Input::Link(index), Output::NoTarget) => !now.target && !is_absent(*index),
            (Input::Unlink(index), Output::Done) => {
                next.authenticators[*index] = Authenticator::Free;
                !is_absent(*index)
            }
            (Input::Remove(index), Output::Done) => {
                next.authenticators[*index] = Authenticator::Absent;
                !is_absent(*index)
            }
            (Input::Link(index) | Input::Unlink(index) | Input::Remove(index), Output::NoAuthenticator) => {
                is_absent(*index)
            }
            _ => false,
        };
        (is_right, next)
    }
}

/// Reads the state in one transaction.
async fn read(world: &World, number: u32) -> State {
    let user = world.user_path("{client-123}", &format!("{{owner-{number}}}"));
    let target = DispatchTargetExtId::unchecked(&world.id(&format!("target-{number}")));
    let mut keys = vec![dispatch_targets::key(&user, &target)];
    keys.extend((0..AUTHENTICATORS).map(|index| {
        fido_authenticators::key(&user, &FidoUafCredentialExtId::unchecked(&format!("uaf-{index}")))
    }));
    let items = world.items_at(&keys).await;
    let authenticator = |index: usize| match &items[index + 1] {
        None => Authenticator::Absent,
        Some(item) if item["dispatchTargetExtId"].is_null() => Authenticator::Free,
        Some(_) => Authenticator::Linked,
    };
    State { target: items[0].is_some(), authenticators: std::array::from_fn(authenticator) }
}

/// Returns the result of a request that changes something.
fn output(answer: &Answer) -> Output {
    if *answer == busy() {
        return Output::Busy;
    }
    let error = &answer.body["errors"][0];
    let message = error["message"].as_str().unwrap_or_default();
    match (answer.status, error["code"].as_str()) {
        (200 | 201 | 204, None) => Output::Done,
        (404, Some("errors.noRecord")) if message.starts_with("No DispatchTarget") => Output::NoTarget,
        (404, Some("errors.noRecord")) if message.starts_with("FidoUafCredential") => Output::NoAuthenticator,
        (422, Some("errors.duplicateValue")) => Output::Duplicate,
        (422, Some("errors.credentialFidoUaf.notUnique")) => Output::NotUnique,
        _ => panic!("unexpected: {answer:?}"),
    }
}

impl Object for Devices {
    type Input = Input;

    async fn prepare(world: &World, number: u32) {
        world.put_user("{client-123}", &format!("{{owner-{number}}}"), &[]).await;
    }

    fn inputs() -> BoxedStrategy<Input> {
        let index = || 0..AUTHENTICATORS;
        prop_oneof![
            3 => Just(Input::Create),
            3 => Just(Input::Delete),
            4 => index().prop_map(Input::Register),
            3 => index().prop_map(Input::Link),
            1 => index().prop_map(Input::Unlink),
            3 => index().prop_map(Input::Remove),
            2 => Just(Input::Read),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let user = format!("/{{client-123}}/users/{{owner-{number}}}");
        let target = format!("{{target-{number}}}");
        let authenticator = |index: usize| format!("{user}/fido-authenticators/uaf-{index}");
        let call = match &input {
            Input::Create => world.post(&format!("{user}/dispatch-targets")).json(json!({
                "extId": target, "deviceId": "d", "target": "t", "signingKey": "k", "appId": "a", "name": "n",
            })),
            Input::Delete => world.delete(&format!("{user}/dispatch-targets/{target}")),
            Input::Register(index) => world.post(&format!("{user}/fido-authenticators")).json(json!({
                "extId": format!("uaf-{index}"), "aaid": "ABCD#0001",
                "keyId": signing::base64url(format!("{number} {}", index / 2)), "authenticatorVersion": "1.0",
                "publicKey": "p", "publicKeyAlgorithm": "ES256", "appId": "a", "dispatchTargetExtId": target,
            })),
            Input::Link(index) => {
                world.patch(&authenticator(*index)).json(json!({"dispatchTargetExtId": target}))
            }
            Input::Unlink(index) => {
                world.patch(&authenticator(*index)).json(json!({"dispatchTargetExtId": null}))
            }
            Input::Remove(index) => world.delete(&authenticator(*index)),
            Input::Read => return (input, Output::Found(read(world, number).await)),
        };
        let output = output(&call.by(&Caller::root()).send().await);
        (input, output)
    }
}
