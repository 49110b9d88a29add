//! External identifiers of profiles that move between users: one user's profile is deleted, and another one has its
//! identifier.

use porcupine_rs::Model;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::json;

use super::record::Object;
use crate::support::answer::busy;
use crate::support::{Caller, World, no_content, refused};

/// The number of users, and of external identifiers.
const COUNT: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct ProfileExtIds;

/// The requests.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input {
    Create { ext_id: usize, user: usize },
    Delete(usize),
    Get(usize),
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    Duplicate,
    Missing,
    Busy,
    /// The profile is one of this user.
    Of(usize),
}

impl Model for ProfileExtIds {
    /// The user of each profile.
    type State = [Option<usize>; COUNT];
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> Self::State {
        [None; COUNT]
    }

    fn step(now: &Self::State, operation: &(Input, Output)) -> (bool, Self::State) {
        let mut next = *now;
        let is_right = match operation {
            (_, Output::Busy) => true,
            (Input::Create { ext_id, user }, Output::Done) => next[*ext_id].replace(*user).is_none(),
            (Input::Create { ext_id, .. }, Output::Duplicate) => now[*ext_id].is_some(),
            (Input::Delete(ext_id), Output::Done) => next[*ext_id].take().is_some(),
            (Input::Delete(ext_id) | Input::Get(ext_id), Output::Missing) => now[*ext_id].is_none(),
            (Input::Get(ext_id), Output::Of(user)) => now[*ext_id] == Some(*user),
            (Input::Create { .. } | Input::Delete(_) | Input::Get(_), _) => false,
        };
        (is_right, next)
    }
}

impl Object for ProfileExtIds {
    type Input = Input;

    async fn prepare(world: &World, number: u32) {
        for user in 0..COUNT {
            world.put_user("{client-123}", &format!("{{owner-{number}-{user}}}"), &[]).await;
        }
    }

    fn inputs() -> BoxedStrategy<Input> {
        prop_oneof![
            2 => (0..COUNT, 0..COUNT).prop_map(|(ext_id, user)| Input::Create { ext_id, user }),
            1 => (0..COUNT).prop_map(Input::Delete),
            1 => (0..COUNT).prop_map(Input::Get),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let (Input::Create { ext_id, .. } | Input::Delete(ext_id) | Input::Get(ext_id)) = input;
        let ext_id = format!("profile-{number}-{ext_id}");
        let path = format!("/{{client-123}}/profiles/{ext_id}");
        let call = match input {
            Input::Create { user, .. } => {
                let profiles = format!("/{{client-123}}/users/{{owner-{number}-{user}}}/profiles");
                world.post(&profiles).json(json!({"extId": ext_id, "unitExtId": "sales"}))
            }
            Input::Delete(_) => world.delete(&path),
            Input::Get(_) => world.get(&path),
        };
        let answer = call.by(&Caller::root()).send().await;
        let duplicate = format!("Profile already exists with extId '{ext_id}'");
        let missing = format!("Profile doesn't exist with extId '{ext_id}'");
        let output = if answer == busy() {
            Output::Busy
        } else if answer == refused(422, "errors.duplicateValue", &duplicate) {
            Output::Duplicate
        } else if answer == refused(404, "errors.noRecord", &missing) {
            Output::Missing
        } else if answer.status == 200 {
            let user = answer.body["userExtId"].as_str().and_then(|user| user.rsplit('-').next());
            Output::Of(user.and_then(|user| user.parse().ok()).expect("a user"))
        } else {
            assert!(answer.status == 201 || answer == no_content(), "{answer:?}");
            Output::Done
        };
        (input, output)
    }
}
