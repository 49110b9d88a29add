//! A dispatch target that is made and deleted again, and the credentials that point to it.

use aws_sdk_dynamodb::types::AttributeValue;
use functions::dispatch_targets::{self, DispatchTargetExtId};
use functions::fido_uaf_credentials::{self, FidoUafCredentialExtId};
use functions::users::UserPath;
use porcupine_rs::Model;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use shared::table::{Condition, Key, Update};

use super::record::Object;
use crate::support::answer::busy;
use crate::support::{Caller, World, no_content, refused};

/// How many credentials the user has.
const CREDENTIALS: usize = 4;
/// The attribute by which a credential points to a target.
const POINTER: &str = "dispatchTargetExtId";

#[derive(Clone, Debug)]
pub(super) struct DispatchTargets;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// There shall be a target.
    Make,
    /// It shall be deleted: the one operation of the service here.
    Delete,
    /// A credential shall point to it.
    Point(usize),
    /// What is there?
    Look,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    /// There is a target already, or none.
    Refused,
    Busy,
    Seen(State),
}

/// Whether there is a target, and which credentials point to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    target: bool,
    pointing: [bool; CREDENTIALS],
}

impl Model for DispatchTargets {
    type State = State;
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> State {
        State::default()
    }

    fn step(now: &State, operation: &(Input, Output)) -> (bool, State) {
        let mut next = now.clone();
        let is_right = match operation {
            (_, Output::Busy) => true,
            (_, Output::Seen(seen)) => now == seen,
            (Input::Make, Output::Done) => !std::mem::replace(&mut next.target, true),
            (Input::Make, Output::Refused) => now.target,
            (Input::Delete, Output::Done) => std::mem::take(&mut next).target,
            (Input::Delete, Output::Refused) => !now.target,
            (Input::Point(credential), Output::Done) => {
                next.pointing[*credential] = true;
                now.target && !now.pointing[*credential]
            }
            (Input::Point(_) | Input::Look, _) => false,
        };
        (is_right, next)
    }
}

/// What there is of a history.
struct Subject {
    user: UserPath,
    target: DispatchTargetExtId,
    credentials: [FidoUafCredentialExtId; CREDENTIALS],
}

impl Subject {
    fn of(world: &World, number: u32) -> Self {
        let credential = |index| world.id(&format!("key-{number}-{index}"));
        Self {
            user: world.user_path("{client-123}", "{user-123}"),
            target: DispatchTargetExtId::unchecked(&world.id(&format!("target-{number}"))),
            credentials: std::array::from_fn(|index| FidoUafCredentialExtId::unchecked(&credential(index))),
        }
    }

    fn target_key(&self) -> Key {
        dispatch_targets::key(&self.user, &self.target)
    }

    fn credential_key(&self, index: usize) -> Key {
        fido_uaf_credentials::key(&self.user, &self.credentials[index])
    }

    async fn look(&self, world: &World) -> State {
        let credentials = (0..CREDENTIALS).map(|index| self.credential_key(index));
        let keys: Vec<Key> = [self.target_key()].into_iter().chain(credentials).collect();
        let items = world.items_at(&keys).await;
        let pointing = |index: usize| items[index + 1].as_ref().is_some_and(|item| !item[POINTER].is_null());
        State { target: items[0].is_some(), pointing: std::array::from_fn(pointing) }
    }

    /// Makes a credential that points nowhere point to the target, which counts it.
    async fn point(&self, world: &World, index: usize) -> Output {
        let items = world.items_at(&[self.credential_key(index)]).await;
        let item = items[0].as_ref().expect("a credential");
        if !item[POINTER].is_null() {
            return Output::Busy;
        }
        let revision =
            item["revision"].as_str().and_then(|revision| revision.parse().ok()).expect("a revision");
        let pointer = Some(AttributeValue::S(self.target.to_string()));
        let update =
            Update::new(self.credential_key(index), Condition::Revision(revision)).set(POINTER, pointer);
        let count = dispatch_targets::count_credential(&self.user, &self.target);
        let is_done = world.try_put(|transaction| {
            transaction.update(update);
            transaction.update(count);
        });
        if is_done.await { Output::Done } else { Output::Busy }
    }
}

impl Object for DispatchTargets {
    type Input = Input;

    async fn prepare(world: &World, number: u32) {
        for index in 0..CREDENTIALS {
            world.put_credential(&format!("{{key-{number}-{index}}}"), None).await;
        }
    }

    fn inputs() -> BoxedStrategy<Input> {
        prop_oneof![
            2 => Just(Input::Make),
            3 => Just(Input::Delete),
            4 => (0..CREDENTIALS).prop_map(Input::Point),
            2 => Just(Input::Look),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let place = Subject::of(world, number);
        let output = match &input {
            Input::Make => {
                let target = world.dispatch_target(&format!("{{target-{number}}}"));
                let is_done = world.try_put(|transaction| target.create(&place.user, None, transaction));
                if is_done.await { Output::Done } else { Output::Refused }
            }
            Input::Delete => {
                let path = format!("/{{client-123}}/users/{{user-123}}/dispatch-targets/{{target-{number}}}");
                let answer = world.delete(&path).by(&Caller::root()).send().await;
                if answer == busy() {
                    Output::Busy
                } else if answer == no_content() {
                    Output::Done
                } else {
                    let message = format!(
                        "No DispatchTarget found with extId 'target-{number}' for user with extId 'user-123' on client with name 'Default'"
                    );
                    assert_eq!(answer, refused(404, "errors.noRecord", &message));
                    Output::Refused
                }
            }
            Input::Point(credential) => place.point(world, *credential).await,
            Input::Look => Output::Seen(place.look(world).await),
        };
        (input, output)
    }
}
