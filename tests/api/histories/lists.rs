//! Lists that callers read page by page while others add and remove entries.

use std::fmt::Debug;
use std::marker::PhantomData;

use porcupine_rs::{Model, Operation};
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use serde_json::json;
use shared::clock::Random;

use super::record::Object;
use crate::support::answer::busy;
use crate::support::call::Call;
use crate::support::pages::walk;
use crate::support::{Answer, Caller, World, no_content};

/// The number of entries that come and go.
const ENTRIES: usize = 12;
/// The number of entries of a page.
const LIMIT: usize = 3;

/// A list of a history.
pub(super) trait List: Clone + Debug + Send + Sync + 'static {
    /// Creates what the list belongs to, in the state without entries.
    async fn prepare(world: &World, number: u32);

    /// Returns the path of the list.
    fn path(number: u32) -> String;

    /// Returns the identifier of an entry. Identifiers have the order of the entries.
    fn id(number: u32, entry: usize) -> String {
        format!("e-{number}-{entry:02}")
    }

    /// Returns the request that adds an entry.
    fn add(world: &World, number: u32, id: String) -> Call<'_>;

    /// Returns the request that removes an entry.
    fn remove(world: &World, number: u32, id: String) -> Call<'_>;

    /// Returns true if an entry is added again without a failure.
    const ADDS_AGAIN: bool = false;
}

/// The units below a unit, which are created and deleted.
#[derive(Clone, Debug)]
pub(super) struct Units;

impl List for Units {
    async fn prepare(world: &World, number: u32) {
        let unit = format!("parent-{number}");
        let body = json!({"extId": unit, "parentUnitExtId": "root", "name": unit});
        let answer = world.post("/{client-123}/units").by(&Caller::root()).json(body).send().await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    fn path(number: u32) -> String {
        format!("/{{client-123}}/units/parent-{number}/children")
    }

    fn add(world: &World, number: u32, id: String) -> Call<'_> {
        let body = json!({"extId": id, "parentUnitExtId": format!("parent-{number}"), "name": id});
        world.post("/{client-123}/units").json(body)
    }

    fn remove(world: &World, _: u32, id: String) -> Call<'_> {
        world.delete(&format!("/{{client-123}}/units/{id}"))
    }
}

/// The profiles of a user, which are created and deleted.
#[derive(Clone, Debug)]
pub(super) struct Profiles;

impl List for Profiles {
    async fn prepare(world: &World, number: u32) {
        world.put_user("{client-123}", &format!("{{holder-{number}}}"), &[]).await;
    }

    fn path(number: u32) -> String {
        format!("/{{client-123}}/users/{{holder-{number}}}/profiles")
    }

    fn add(world: &World, number: u32, id: String) -> Call<'_> {
        world.post(&Self::path(number)).json(json!({"extId": id, "unitExtId": "sales"}))
    }

    fn remove(world: &World, _: u32, id: String) -> Call<'_> {
        world.delete(&format!("/{{client-123}}/profiles/{id}"))
    }
}

/// The terms that a user has yet to consent to: a new version adds them, a consent removes them.
#[derive(Clone, Debug)]
pub(super) struct PendingTerms;

impl List for PendingTerms {
    async fn prepare(world: &World, number: u32) {
        let user = format!("{{holder-{number}}}");
        world.put_user("{client-123}", &user, &["root"]).await;
        for entry in 0..ENTRIES {
            let terms = Self::id(number, entry);
            world.put_terms(&terms, "1").await;
            let answer = Self::remove(world, number, terms).by(&Caller::root()).send().await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    }

    fn path(number: u32) -> String {
        format!("/{{client-123}}/users/{{holder-{number}}}/terms-pending")
    }

    fn id(number: u32, entry: usize) -> String {
        format!("{{e-{number}-{entry:02}}}")
    }

    fn add(world: &World, _: u32, id: String) -> Call<'_> {
        // No version occurs twice.
        world.patch(&format!("/terms/{id}")).json(json!({"termsVersion": Random::system().uuid()}))
    }

    fn remove(world: &World, number: u32, id: String) -> Call<'_> {
        let path = format!("/{{client-123}}/users/{{holder-{number}}}/consents");
        world.post(&path).json(json!({"termsExtId": id}))
    }

    const ADDS_AGAIN: bool = true;
}

/// A list and its readers.
#[derive(Clone, Debug)]
pub(super) struct Pages<L>(PhantomData<L>);

/// The requests.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input {
    Add(usize),
    Remove(usize),
    /// Reads all pages.
    Walk,
}

/// The results.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Done,
    /// The entry exists already or does not exist.
    Refused,
    Busy,
    /// The entries of all pages.
    Seen(Vec<usize>),
}

impl<L: List> Model for Pages<L> {
    /// Which entries the list has.
    type State = [bool; ENTRIES];
    type Op = (Input, Output);
    type Metadata = ();

    fn init() -> Self::State {
        [false; ENTRIES]
    }

    /// The pages of a list are several requests, so what they show together is not compared with one state; see
    /// [`assert_seen`].
    fn step(now: &Self::State, operation: &(Input, Output)) -> (bool, Self::State) {
        let mut next = *now;
        let is_right = match operation {
            (_, Output::Busy) | (Input::Walk, _) => true,
            (Input::Add(entry), Output::Done) => !std::mem::replace(&mut next[*entry], true) || L::ADDS_AGAIN,
            (Input::Add(entry), _) => now[*entry] && !L::ADDS_AGAIN,
            (Input::Remove(entry), Output::Done) => std::mem::take(&mut next[*entry]),
            (Input::Remove(entry), _) => !now[*entry],
        };
        (is_right, next)
    }
}

impl<L: List> Object for Pages<L> {
    type Input = Input;

    // A walk is several requests.
    const CALLS: usize = 20;

    async fn prepare(world: &World, number: u32) {
        L::prepare(world, number).await;
    }

    fn inputs() -> BoxedStrategy<Input> {
        prop_oneof![
            4 => (0..ENTRIES).prop_map(Input::Add),
            2 => (0..ENTRIES).prop_map(Input::Remove),
            1 => Just(Input::Walk),
        ]
        .boxed()
    }

    async fn call(world: &World, number: u32, input: Input) -> (Input, Output) {
        let output = match input {
            Input::Add(entry) => {
                outcome(&L::add(world, number, L::id(number, entry)).by(&Caller::root()).send().await)
            }
            Input::Remove(entry) => {
                outcome(&L::remove(world, number, L::id(number, entry)).by(&Caller::root()).send().await)
            }
            Input::Walk => {
                let pages = walk(world, &Caller::root(), (&L::path(number), LIMIT), async |_| {}).await;
                let prefix = format!("e-{number}-");
                let entry = |id: String| id.strip_prefix(&prefix).and_then(|entry| entry.parse().ok());
                Output::Seen(pages.into_iter().flatten().filter_map(entry).collect())
            }
        };
        (input, output)
    }
}

fn outcome(answer: &Answer) -> Output {
    if *answer == busy() {
        Output::Busy
    } else if [200, 201].contains(&answer.status) || *answer == no_content() {
        Output::Done
    } else {
        let code = answer.body["errors"][0]["code"].as_str().unwrap_or_default();
        assert!(["errors.duplicateValue", "errors.noRecord"].contains(&code), "{answer:?}");
        Output::Refused
    }
}

/// Asserts that readers see each entry once that is in the list throughout, no entry twice, and no entry that is
/// not in the list throughout. Returns the number of entries that are in the list throughout, over all readers.
pub(super) fn assert_seen<L: List>(history: &[Operation<Pages<L>>]) -> usize {
    let applied = |change: Input, entry: usize| {
        let is_applied = move |one: &&Operation<Pages<L>>| match (change, &one.op) {
            (Input::Add(_), (Input::Add(added), Output::Done)) => *added == entry,
            (Input::Remove(_), (Input::Remove(removed), Output::Done)) => *removed == entry,
            _ => false,
        };
        history.iter().filter(is_applied)
    };
    // What is certain whatever the order of calls at the same time: a change before `from`, and no opposite one that
    // may lie behind it and before `to`.
    let lasts = |change: Input, opposite: Input, entry: usize, from: i64, to: i64| {
        applied(change, entry).filter(|one| one.return_time < from).any(|one| {
            applied(opposite, entry).all(|other| other.return_time < one.call_time || other.call_time > to)
        })
    };
    let mut expected = 0;
    for walk in history {
        let (Input::Walk, Output::Seen(seen)) = &walk.op else { continue };
        assert!(seen.is_sorted_by(|one, other| one < other), "an order without repetitions: {walk:?}");
        for entry in 0..ENTRIES {
            let (from, to) = (walk.call_time, walk.return_time);
            let (add, remove) = (Input::Add(entry), Input::Remove(entry));
            let never_added = applied(add, entry).all(|one| one.call_time > to);
            if lasts(add, remove, entry, from, to) {
                expected += 1;
                assert!(seen.contains(&entry), "{entry} is skipped: {walk:?}");
            } else if never_added || lasts(remove, add, entry, from, to) {
                assert!(!seen.contains(&entry), "{entry} is not in the list: {walk:?}");
            }
        }
    }
    expected
}
