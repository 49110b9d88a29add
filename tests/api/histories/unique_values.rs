//! A property with unique values that move between users of two clients.

use porcupine_rs::Model;
use proptest::option;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::json;

use super::record::Object;
use crate::support::answer::{busy, not_unique};
use crate::support::{Caller, World, ok_like};

/// The clients of the users.
const USERS: [&str; 4] = ["client-123", "client-123", "client-456", "client-456"];

#[derive(Clone, Debug)]
pub(super) struct UniqueValues;

/// A user and their new value; `None` removes the value.
pub(super) type Change = (usize, Option<u8>);

/// The results of a change.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    NotUnique,
    Busy,
}

impl Model for UniqueValues {
    type State = [Option<u8>; USERS.len()];
    type Op = (Change, Output);
    type Metadata = ();

    fn init() -> Self::State {
        Self::State::default()
    }

    fn step(now: &Self::State, ((user, value), output): &(Change, Output)) -> (bool, Self::State) {
        let mut others = now.iter().enumerate().filter(|(other, _)| other != user);
        let is_duplicate = value.is_some() && others.any(|(_, held)| held == value);
        let mut next = *now;
        match output {
            Output::Done => {
                next[*user] = *value;
                (!is_duplicate, next)
            }
            Output::NotUnique => (is_duplicate, next),
            Output::Busy => (true, next),
        }
    }
}

impl Object for UniqueValues {
    type Input = Change;

    async fn prepare(world: &World, number: u32) {
        for (user, client) in USERS.iter().enumerate() {
            let (client, user) = (format!("{{{client}}}"), format!("{{owner-{number}-{user}}}"));
            world.put_user(&client, &user, &["root"]).await;
            world.put_mobile_signature(&client, &user, &[]).await;
        }
    }

    fn inputs() -> BoxedStrategy<Change> {
        (0..USERS.len(), option::weighted(0.7, 0..3_u8)).boxed()
    }

    async fn call(world: &World, number: u32, input: Change) -> (Change, Output) {
        let (user, value) = input;
        let client = USERS[user];
        let path = format!("/{{{client}}}/users/{{owner-{number}-{user}}}/mobile-signature/properties");
        // Each history uses different values.
        let value = value.map(|value| (1000 + number * 10 + u32::from(value)).to_string());
        let call = world.patch(&path).by(&Caller::root()).json(json!({"{employee_id}": value}));
        let answer = call.send().await;
        let done = value.as_ref().map_or(json!({}), |value| json!({"employee_id": value}));
        let output = if answer == busy() {
            Output::Busy
        } else if value.as_ref().is_some_and(|value| answer == not_unique("employee_id", value)) {
            Output::NotUnique
        } else {
            assert_eq!(answer, ok_like(&answer, done));
            Output::Done
        };
        (input, output)
    }
}
