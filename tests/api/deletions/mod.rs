//! Deletions of users and clients, and of the credentials of archived users.

mod calls;
pub(crate) mod rows;

mod archive;
mod begun;
mod broken_off;
mod clients;
mod everything;
mod held;
mod race;
mod story;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use functions::clients::{Client, key as client_key};
use functions::deletions::{Deletion, DeletionId, DeletionState};
use functions::properties::{Definition, Uniqueness};
use functions::users::User;
use serde_json::{Map, Value, json};
use shared::clock::{Random, Timestamp};
use shared::entity::Entity as _;
use shared::table::{Item, Key, item, tombstone};
use tokio::time::Instant;

use crate::operations::rows::Row;
use crate::support::jobs::sweep;
use crate::support::target::{Kind, leaves_out};
use crate::support::whole::assert_complete;
use crate::support::world::NOW;
use crate::support::{Answer, Caller, World, no_content};

/// The maximum number of properties that one request changes.
const PORTION: usize = 19;

/// What is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    /// A user of `{client-123}`.
    User(&'static str),
    /// `{client-123}`.
    Client,
}

impl Victim {
    /// Returns the path of the operation that deletes it.
    fn path(self) -> String {
        match self {
            Self::User(user) => format!("/{{client-123}}/users/{user}"),
            Self::Client => "/clients/{client-123}".to_owned(),
        }
    }

    /// Returns true if the request of a row acts on it or on what is below it.
    fn has(self, row: &Row) -> bool {
        match self {
            Self::User(user) => (row.has_user() || row.has_owner()) && row.user() == user,
            Self::Client => row.has_client(),
        }
    }

    /// Marks it, as a request does that is broken off then. Returns the identifier of the deletion.
    async fn begin(self, world: &World) -> DeletionId {
        let (id, now) = (Random::system().uuid(), Timestamp::parse(NOW).expect("a time"));
        let client = world.client_id("{client-123}");
        let (key, deletion) = match self {
            Self::User(user) => {
                let path = world.user_path("{client-123}", user);
                (path.key(), Deletion::of_user(&id, path, now))
            }
            Self::Client => (client_key(&client), Deletion::of_client(&id, client, now)),
        };
        let item = stored_at(world, &key).await.expect("it exists");
        world
            .put(|transaction| {
                let marked = match self {
                    Self::User(_) => {
                        User::load(&item).and_then(|user| user.begin_deletion(&item, &id, transaction))
                    }
                    Self::Client => {
                        Client::load(&item).and_then(|client| client.begin_deletion(&item, &id, transaction))
                    }
                };
                deletion.begin(transaction);
                marked.expect("an entity")
            })
            .await;
        deletion.id
    }
}

/// Returns true and prints the reason if the target is a host, whose table nothing but its requests may change.
fn is_elsewhere() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "what happens between the steps of a deletion")
}

/// Returns the item at a key as it is stored.
async fn stored_at(world: &World, key: &Key) -> Option<Item> {
    world.stored().await.into_iter().find(|item| item.key().as_ref() == Ok(key))
}

/// Returns the records of deletions, without the furnished one.
fn records(items: &[Item]) -> Vec<Deletion> {
    let records = items.iter().filter(|item| item.text(item::ENTITY_TYPE) == Ok("Deletion"));
    let records = records.map(|item| Deletion::load(item).expect("a deletion"));
    records.filter(|deletion| !deletion.id.as_str().starts_with("deletion-123")).collect()
}

/// Returns the keys of all items but the records of deletions and tombstones.
fn keys(items: &[Item]) -> BTreeSet<String> {
    let is_record =
        |item: &&Item| matches!(item.text(item::ENTITY_TYPE), Ok("Deletion" | tombstone::ENTITY_TYPE));
    let keys = items.iter().filter(|item| !is_record(item)).map(|item| item.key().expect("a key"));
    keys.map(|key| format!("{} | {}", key.pk(), key.sk())).collect()
}

/// Returns the keys of what a deletion leaves of a furnished world, without the records.
async fn furnished_without(victim: Victim) -> BTreeSet<String> {
    static LEFT: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());
    let known = || LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(left) = known().get(&victim.path()) {
        return left.clone();
    }
    let world = World::furnished().await;
    victim.begin(&world).await;
    sweep(world.table()).await;
    let left = keys(&world.stored().await);
    known().insert(victim.path(), left.clone());
    left
}

/// Asserts that these items are all of the table, that every deletion has ended, and that the check finds nothing.
/// Returns the number of the deletions.
fn assert_left(items: &[Item], expected: &BTreeSet<String>) -> usize {
    let left = keys(items);
    let more: Vec<_> = left.difference(expected).collect();
    let less: Vec<_> = expected.difference(&left).collect();
    assert!(more.is_empty() && less.is_empty(), "more: {more:#?}, less: {less:#?}");
    let records = records(items);
    for deletion in &records {
        let ended = (deletion.state, deletion.ended.is_some());
        assert_eq!(ended, (DeletionState::Ended, true), "{deletion:?}");
    }
    assert_complete(items);
    records.len()
}

/// Defines this number of unique properties of users and sets their values for a user.
async fn put_unique_values(world: &World, user: &str, count: usize) {
    let names: Vec<String> = (0..count).map(|number| format!("{{unique-{number:03}}}")).collect();
    for names in names.chunks(PORTION) {
        let unique = |name: &String| Definition {
            uniqueness: Some(Uniqueness::Absolute),
            ..world.user_property(name)
        };
        world.put_properties(&names.iter().map(unique).collect::<Vec<_>>()).await;
        let body: Map<String, Value> = names.iter().map(|name| (name.clone(), json!("1"))).collect();
        let path = format!("{user}/properties");
        let answer = world.patch(&path).by(&Caller::root()).json(body.into()).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Runs the job until a deletion has ended that a request has begun. Returns 204 for the response then.
async fn end_deletion(world: &World, answer: Answer) -> Answer {
    let Some(path) = answer.leads_to.clone().filter(|_| answer.status == 202) else { return answer };
    for _ in 0..100 {
        sweep(world.table()).await;
        if world.get(&path).by(&Caller::root()).send().await.body["state"] == "ended" {
            return no_content();
        }
    }
    panic!("the deletion goes on: {path}");
}

/// Runs what deletes items, and returns how long it takes.
#[expect(clippy::disallowed_methods, reason = "a duration, not the time of day")]
async fn timed<T>(deleting: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let result = deleting.await;
    (result, start.elapsed())
}

/// Prints how many items were deleted in a second.
fn report(what: &str, deleted: u64, took: Duration) {
    let rate = u128::from(deleted) * 1_000_000 / took.as_micros().max(1);
    println!("{what}: {deleted} items in {took:?}, {rate} per second");
}
