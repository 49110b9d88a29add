//! The properties of a mobile signature, changed and read with the same operation.

use std::collections::BTreeMap;

use porcupine_rs::Model;
use proptest::collection::btree_map;
use proptest::option;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::Value;

use super::record::Object;
use crate::support::answer::busy;
use crate::support::{Caller, World, ok_like};

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

#[derive(Clone, Debug)]
pub(super) struct Properties;

/// The properties that are set and removed; a read if there are none.
pub(super) type Changes = BTreeMap<&'static str, Option<u8>>;
/// The values by name.
pub(super) type Values = BTreeMap<&'static str, u8>;

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Now(Values),
    Busy,
}

impl Model for Properties {
    type State = Values;
    type Op = (Changes, Output);
    type Metadata = ();

    fn init() -> Values {
        Values::new()
    }

    fn step(now: &Values, (changes, output): &(Changes, Output)) -> (bool, Values) {
        let mut next = now.clone();
        let Output::Now(answered) = output else { return (true, next) };
        for (name, value) in changes {
            match value {
                Some(value) => drop(next.insert(name, *value)),
                None => drop(next.remove(name)),
            }
        }
        (*answered == next, next)
    }
}

impl Object for Properties {
    type Input = Changes;

    async fn prepare(world: &World, number: u32) {
        if number == 0 {
            let definitions = NAMES.map(|name| world.property(&format!("{{{name}}}")));
            world.put(|transaction| definitions.map(|definition| definition.create(transaction))).await;
        }
        let user = format!("{{owner-{number}}}");
        world.put_user("{client-456}", &user, &["root"]).await;
        world.put_mobile_signature("{client-456}", &user, &[]).await;
    }

    fn inputs() -> BoxedStrategy<Changes> {
        let name = (0..NAMES.len()).prop_map(|index| NAMES[index]);
        btree_map(name, option::weighted(0.7, 0..4_u8), 0..3).boxed()
    }

    async fn call(world: &World, number: u32, input: Changes) -> (Changes, Output) {
        let path = format!("/{{client-456}}/users/{{owner-{number}}}/mobile-signature/properties");
        let body = input.iter().map(|(name, value)| {
            (format!("{{{name}}}"), value.map_or(Value::Null, |value| value.to_string().into()))
        });
        let answer = world.patch(&path).by(&Caller::root()).json(Value::Object(body.collect())).send().await;
        if answer == busy() {
            return (input, Output::Busy);
        }
        let value = |name: &&'static str| Some((*name, answer.body[*name].as_str()?.parse().ok()?));
        let values: Values = NAMES.iter().filter_map(value).collect();
        let members = values.iter().map(|(name, value)| ((*name).to_owned(), value.to_string().into()));
        assert_eq!(answer, ok_like(&answer, Value::Object(members.collect())));
        (input, Output::Now(values))
    }
}
