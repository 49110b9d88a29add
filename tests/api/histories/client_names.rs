//! Names and extIds of clients that are created and read concurrently.

use std::collections::BTreeMap;

use porcupine_rs::Model;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::json;

use super::record::Object;
use crate::support::{Caller, World, refused};

/// Number of names, and of extIds.
const COUNT: u32 = 40;

#[derive(Clone, Debug)]
pub(super) struct ClientNames;

/// The requests.
#[derive(Clone, Debug)]
pub(super) enum Input {
    Create { ext_id: u32, name: u32 },
    Get { ext_id: u32 },
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Created,
    Duplicate,
    Named(u32),
    Missing,
}

impl Model for ClientNames {
    /// The names of the clients, by extId.
    type State = BTreeMap<u32, u32>;
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> Self::State {
        Self::State::new()
    }

    fn step(now: &Self::State, operation: &(Input, Output)) -> (bool, Self::State) {
        let mut next = now.clone();
        let is_right = match operation {
            (Input::Create { ext_id, name }, output) => {
                let is_free = !now.contains_key(ext_id) && now.values().all(|used| used != name);
                if is_free {
                    next.insert(*ext_id, *name);
                }
                matches!(output, Output::Created) == is_free
            }
            (Input::Get { ext_id }, Output::Named(name)) => now.get(ext_id) == Some(name),
            (Input::Get { ext_id }, _) => !now.contains_key(ext_id),
        };
        (is_right, next)
    }
}

impl Object for ClientNames {
    type Input = Input;

    async fn prepare(_: &World, _: u32) {}

    fn inputs() -> BoxedStrategy<Input> {
        prop_oneof![
            (0..COUNT, 0..COUNT).prop_map(|(ext_id, name)| Input::Create { ext_id, name }),
            (0..COUNT).prop_map(|ext_id| Input::Get { ext_id }),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let output = match &input {
            Input::Create { ext_id, name } => {
                let body = json!({
                    "extId": format!("{{new-{number}-{ext_id}}}"), "name": format!("{{name-{number}-{name}}}"),
                });
                let answer = world.post("/clients").by(&Caller::root()).json(body).send().await;
                if answer == refused(422, "errors.duplicateValue", "Client already exists") {
                    Output::Duplicate
                } else {
                    assert_eq!(answer.status, 201, "{answer:?}");
                    Output::Created
                }
            }
            Input::Get { ext_id } => {
                let path = format!("/clients/{{new-{number}-{ext_id}}}");
                let answer = world.get(&path).by(&Caller::root()).send().await;
                if answer.status == 200 {
                    let name = answer.body["name"].as_str().and_then(|name| name.rsplit('-').next());
                    Output::Named(name.and_then(|name| name.parse().ok()).expect("a name"))
                } else {
                    let message = format!("Client doesn't exist with extId 'new-{number}-{ext_id}'");
                    assert_eq!(answer, refused(404, "errors.noRecord", &message));
                    Output::Missing
                }
            }
        };
        (input, output)
    }
}
