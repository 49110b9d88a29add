//! Values that are unique and move between their holders.

use std::fmt::Debug;
use std::marker::PhantomData;

use porcupine_rs::Model;
use proptest::option;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::{Value, json};

use super::record::Object;
use crate::support::answer::{busy, not_unique};
use crate::support::call::Call;
use crate::support::{Answer, Caller, World, ok_like, refused};

/// The number of holders.
const HOLDERS: usize = 4;

/// The objects of a history that hold the values.
pub(super) trait Holders: Clone + Debug + Send + Sync + 'static {
    /// Creates the holders without values.
    async fn prepare(world: &World, number: u32);

    /// Returns the text of a value as a holder spells it. Each history has different values.
    fn spell(number: u32, holder: usize, value: u8) -> String;

    /// Returns the request that gives a holder this value or, for `None`, none of the values.
    fn change<'a>(world: &'a World, number: u32, holder: usize, value: Option<&str>) -> Call<'a>;

    /// Returns the refusal of a value that another holder has.
    fn taken(value: &str) -> Answer;

    /// Asserts that the response shows the value.
    fn assert_shown(answer: &Answer, value: Option<&str>);
}

/// The clients of the users with a mobile signature.
const CLIENTS: [&str; HOLDERS] = ["client-123", "client-123", "client-456", "client-456"];

/// A property of the mobile signatures of users of two clients.
#[derive(Clone, Debug)]
pub(super) struct PropertyValues;

impl Holders for PropertyValues {
    async fn prepare(world: &World, number: u32) {
        for (user, client) in CLIENTS.iter().enumerate() {
            let (client, user) = (format!("{{{client}}}"), format!("{{owner-{number}-{user}}}"));
            world.put_user(&client, &user, &["root"]).await;
            world.put_mobile_signature(&client, &user, &[]).await;
        }
    }

    fn spell(number: u32, _: usize, value: u8) -> String {
        (1000 + number * 10 + u32::from(value)).to_string()
    }

    fn change<'a>(world: &'a World, number: u32, holder: usize, value: Option<&str>) -> Call<'a> {
        let client = CLIENTS[holder];
        let path = format!("/{{{client}}}/users/{{owner-{number}-{holder}}}/mobile-signature/properties");
        world.patch(&path).json(json!({"{employee_id}": value}))
    }

    fn taken(value: &str) -> Answer {
        not_unique("employee_id", value)
    }

    fn assert_shown(answer: &Answer, value: Option<&str>) {
        let shown = value.map_or(json!({}), |value| json!({"employee_id": value}));
        assert_eq!(*answer, ok_like(answer, shown));
    }
}

/// The login IDs of users, in upper or lower case. A user without another one has their extId.
#[derive(Clone, Debug)]
pub(super) struct LoginIds;

impl Holders for LoginIds {
    async fn prepare(world: &World, number: u32) {
        for user in 0..HOLDERS {
            let user = format!("{{owner-{number}-{user}}}");
            world.put_user("{client-123}", &user, &[]).await;
            let path = format!("/{{client-123}}/users/{user}");
            let answer = world.patch(&path).by(&Caller::root()).json(json!({"loginId": null})).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }

    fn spell(number: u32, holder: usize, value: u8) -> String {
        let first = if holder.is_multiple_of(2) { 'l' } else { 'L' };
        format!("{first}ogin-{number}-{value}")
    }

    fn change<'a>(world: &'a World, number: u32, holder: usize, value: Option<&str>) -> Call<'a> {
        let value = value.map(|value| format!("{{{value}}}"));
        world
            .patch(&format!("/{{client-123}}/users/{{owner-{number}-{holder}}}"))
            .json(json!({"loginId": value}))
    }

    fn taken(value: &str) -> Answer {
        refused(422, "errors.duplicateValue", &format!("User already exists with loginId '{value}'"))
    }

    fn assert_shown(answer: &Answer, value: Option<&str>) {
        assert_eq!((answer.status, &answer.body["loginId"]), (200, &shown(answer, value)));
    }
}

/// The names of units below the same parent. A unit without another one has its extId.
#[derive(Clone, Debug)]
pub(super) struct UnitNames;

impl Holders for UnitNames {
    async fn prepare(world: &World, number: u32) {
        for unit in 0..HOLDERS {
            let unit = format!("owner-{number}-{unit}");
            let body = json!({"extId": unit, "parentUnitExtId": "sales", "name": unit});
            let answer = world.post("/{client-123}/units").by(&Caller::root()).json(body).send().await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    }

    fn spell(number: u32, _: usize, value: u8) -> String {
        format!("name-{number}-{value}")
    }

    fn change<'a>(world: &'a World, number: u32, holder: usize, value: Option<&str>) -> Call<'a> {
        let unit = format!("owner-{number}-{holder}");
        let name = value.unwrap_or(&unit);
        world.patch(&format!("/{{client-123}}/units/{unit}")).json(json!({"name": name}))
    }

    fn taken(value: &str) -> Answer {
        refused(422, "errors.duplicateValue", &format!("Unit already exists with name '{value}'"))
    }

    fn assert_shown(answer: &Answer, value: Option<&str>) {
        assert_eq!((answer.status, &answer.body["name"]), (200, &shown(answer, value)));
    }
}

/// Returns the value that a response shows: the extId if there is no other one.
fn shown(answer: &Answer, value: Option<&str>) -> Value {
    value.map_or_else(|| answer.body["extId"].clone(), Value::from)
}

/// The values of some holders.
#[derive(Clone, Debug)]
pub(super) struct UniqueValues<H>(PhantomData<H>);

/// A holder and their new value; `None` removes the value.
pub(super) type Change = (usize, Option<u8>);

/// The results of a change.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    NotUnique,
    Busy,
}

impl<H: Holders> Model for UniqueValues<H> {
    type State = [Option<u8>; HOLDERS];
    type Op = (Change, Output);
    type Metadata = ();

    fn init() -> Self::State {
        Self::State::default()
    }

    fn step(now: &Self::State, ((holder, value), output): &(Change, Output)) -> (bool, Self::State) {
        let mut others = now.iter().enumerate().filter(|(other, _)| other != holder);
        let is_duplicate = value.is_some() && others.any(|(_, held)| held == value);
        let mut next = *now;
        match output {
            Output::Done => {
                next[*holder] = *value;
                (!is_duplicate, next)
            }
            Output::NotUnique => (is_duplicate, next),
            Output::Busy => (true, next),
        }
    }
}

impl<H: Holders> Object for UniqueValues<H> {
    type Input = Change;

    async fn prepare(world: &World, number: u32) {
        H::prepare(world, number).await;
    }

    fn inputs() -> BoxedStrategy<Change> {
        (0..HOLDERS, option::weighted(0.7, 0..3_u8)).boxed()
    }

    async fn call(world: &World, number: u32, input: Change) -> (Change, Output) {
        let (holder, value) = input;
        let value = value.map(|value| H::spell(number, holder, value));
        let answer = H::change(world, number, holder, value.as_deref()).by(&Caller::root()).send().await;
        let output = if answer == busy() {
            Output::Busy
        } else if value.as_ref().is_some_and(|value| answer == H::taken(value)) {
            Output::NotUnique
        } else {
            H::assert_shown(&answer, value.as_deref());
            Output::Done
        };
        (input, output)
    }
}
