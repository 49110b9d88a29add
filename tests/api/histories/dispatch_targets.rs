//! A dispatch target that is created and deleted repeatedly, and the credentials that refer to it.

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

/// Number of credentials of the user.
const CREDENTIALS: usize = 4;
/// The attribute with which a credential refers to a target.
const REFERENCE: &str = "dispatchTargetExtId";

#[derive(Clone, Debug)]
pub(super) struct DispatchTargets;

/// The requests.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// Creates the target.
    Create,
    /// Deletes the target: the only operation of the service here.
    Delete,
    /// Links a credential to the target.
    Link(usize),
    /// Reads the target and the credentials.
    Read,
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    /// The target exists already or does not exist.
    Refused,
    Busy,
    Found(State),
}

/// Whether the target exists, and which credentials refer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    target: bool,
    linked: [bool; CREDENTIALS],
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
            (_, Output::Found(found)) => now == found,
            (Input::Create, Output::Done) => !std::mem::replace(&mut next.target, true),
            (Input::Create, Output::Refused) => now.target,
            (Input::Delete, Output::Done) => std::mem::take(&mut next).target,
            (Input::Delete, Output::Refused) => !now.target,
            (Input::Link(credential), Output::Done) => {
                next.linked[*credential] = true;
                now.target && !now.linked[*credential]
            }
            (Input::Link(_) | Input::Read, _) => false,
        };
        (is_right, next)
    }
}

/// The objects of a history.
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

    async fn read(&self, world: &World) -> State {
        let credentials = (0..CREDENTIALS).map(|index| self.credential_key(index));
        let keys: Vec<Key> = [self.target_key()].into_iter().chain(credentials).collect();
        let items = world.items_at(&keys).await;
        let linked = |index: usize| items[index + 1].as_ref().is_some_and(|item| !item[REFERENCE].is_null());
        State { target: items[0].is_some(), linked: std::array::from_fn(linked) }
    }

    /// Links an unlinked credential to the target, which counts its credentials.
    async fn link(&self, world: &World, index: usize) -> Output {
        let items = world.items_at(&[self.credential_key(index)]).await;
        let item = items[0].as_ref().expect("a credential");
        if !item[REFERENCE].is_null() {
            return Output::Busy;
        }
        let revision =
            item["revision"].as_str().and_then(|revision| revision.parse().ok()).expect("a revision");
        let reference = Some(AttributeValue::S(self.target.to_string()));
        let update =
            Update::new(self.credential_key(index), Condition::Revision(revision)).set(REFERENCE, reference);
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
            2 => Just(Input::Create),
            3 => Just(Input::Delete),
            4 => (0..CREDENTIALS).prop_map(Input::Link),
            2 => Just(Input::Read),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let place = Subject::of(world, number);
        let output = match &input {
            Input::Create => {
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
            Input::Link(credential) => place.link(world, *credential).await,
            Input::Read => Output::Found(place.read(world).await),
        };
        (input, output)
    }
}
