//! What a receiver rebuilds from the events, and an auditor from the history.

use std::collections::BTreeMap;

use fastrand::Rng;
use functions::history::kinds::{KINDS, Kind};
use serde_json::{Map, Value, json};

use super::follower::Follower;
use crate::operations::all_rows;
use crate::support::breaks::{Break, Breaks};
use crate::support::target::number;
use crate::support::{Caller, World, jobs};

/// The shown fields of all objects, by kind and identifiers.
type State = BTreeMap<(String, String), Value>;

/// Returns the state of a table. Objects that are being deleted do not exist, and what belongs to them is left out, because
/// it goes at any time.
async fn state_of(world: &World) -> State {
    let mut state = State::new();
    for item in world.stored().await {
        let Some(kind) = Kind::of(&item).expect("a type").filter(|_| !item.is_being_deleted()) else {
            continue;
        };
        let identifiers = kind.identifiers_of(&item).expect("identifiers");
        let members = Value::Object(kind.members(&item).expect("members").disclosed);
        state.insert((kind.noun.to_owned(), Value::Object(identifiers).to_string()), members);
    }
    state
}

/// Applies an event to the state of a receiver.
fn apply(state: &mut State, event: &Value) {
    let data = &event["data"];
    let mut parts = event["type"].as_str().expect("a type").rsplit('.');
    let (change, noun) = (parts.next().expect("a change"), parts.next().expect("a noun"));
    let key = (noun.to_owned(), data["identifiers"].to_string());
    if change == "deleted" {
        assert!(state.remove(&key).is_some(), "deleted but not there: {event:#}");
        return;
    }
    let is_there = state.contains_key(&key);
    assert!(change != "created" || !is_there, "created but there: {event:#}");
    assert!(change != "changed" || is_there || noun == "user-properties", "changed but not there: {event:#}");
    let object = state.entry(key).or_insert_with(|| json!({}));
    for (name, values) in data["changes"].as_object().expect("changes") {
        assert_eq!(object.get(name), values.get("before"), "{name} before {event:#}");
        match values.get("after") {
            Some(after) => object[name] = after.clone(),
            None => drop(object.as_object_mut().expect("an object").remove(name)),
        }
    }
}

/// Delivers the new records in random batches, some of them again, to a bus that refuses some events. Some runs are broken
/// off.
async fn deliver(follower: &Follower, breaks: &Breaks, random: &mut Rng) -> Vec<Value> {
    let records = follower.records();
    let (client, table) = follower.world.table();
    let client = breaks.watch(client);
    let mut position = 0;
    while position < records.len() {
        let end = records.len().min(position + random.usize(1..=40));
        if random.u8(..) < 64 {
            follower.bus.refuse((0..random.usize(1..6)).map(|_| vec![random.usize(0..4)]));
        }
        if random.u8(..) < 64 {
            breaks.after(random.usize(0..4), Break::ALL[random.usize(..3)]);
        }
        let response = breaks.run(follower.run_on((&client, table), &records[position..end])).await;
        breaks.stop();
        // Without a response, the batch is delivered again.
        let Some(response) = response else { continue };
        let failed = &response["batchItemFailures"][0]["itemIdentifier"];
        let failed =
            records[position..end].iter().position(|record| record["dynamodb"]["SequenceNumber"] == *failed);
        position = failed.map_or(end, |failed| position + failed);
        // A batch can be delivered again although it was processed.
        if random.u8(..) < 64 {
            position = position.saturating_sub(random.usize(1..=10));
        }
    }
    follower.skip();
    follower.events()
}

/// Drops events that a receiver has got before. An event comes again with its id.
fn once(events: Vec<Value>, seen: &mut BTreeMap<String, Value>) -> Vec<Value> {
    let mut is_new = |event: &Value| {
        let id = event["id"].as_str().expect("an id").to_owned();
        match seen.get(&id) {
            Some(earlier) => {
                assert_eq!(earlier, event, "the same id");
                false
            }
            None => seen.insert(id, event.clone()).is_none(),
        }
    };
    events.into_iter().filter(|event| is_new(event)).collect()
}

/// Applies events in the order of the changes of each object: the bus may have got one that it refused later than the next.
fn apply_in_order(state: &mut State, mut events: Vec<Value>, positions: &BTreeMap<String, usize>) {
    events.sort_by_key(|event| positions[event["id"].as_str().expect("an id")]);
    for event in &events {
        apply(state, event);
    }
}

/// Random requests to all operations, some of which are broken off, and runs of the job that deletes. From the events
/// alone, a receiver has what the table has; from the history, the state at any earlier moment.
#[tokio::test]
async fn events_and_history_have_every_change_and_no_other() {
    let mut random = Rng::with_seed(20_261_130);
    let breaks = Breaks::default();
    let watch = breaks.clone();
    let world = World::in_process(&[], move |client| watch.watch(&client)).await;
    world.furnish("{Default}").await;
    let follower = Follower::of(world).await;
    let world = &follower.world;
    let rows: Vec<_> = all_rows().filter(|row| row.writes()).collect();
    let mut received = state_of(world).await;
    let (mut seen, mut moments, mut done) = (BTreeMap::new(), Vec::new(), 0);
    for round in 0..number("HISTORY_ROUNDS", 12) {
        for _ in 0..40 {
            let row = rows[random.usize(..rows.len())];
            // Seldom, because most other requests need what these delete.
            if row.is_deletion() && random.u8(..) > 8 {
                continue;
            }
            let body = row.good_body().map(|body| varied(body, &mut random));
            if random.u8(..) < 64 {
                breaks.after(random.usize(0..4), Break::ALL[random.usize(..3)]);
            }
            let call = world.call(row.method, row.path).by(&Caller::root()).json_if(body);
            let call = call.x_token(&world.x_token("{client-123}", row.user()));
            let answer = breaks.run(call.send()).await;
            breaks.stop();
            done += usize::from(answer.is_some_and(|answer| answer.status < 300));
        }
        if round % 3 == 0 {
            jobs::sweep(world.table()).await;
        }
        world.wait(10);
        let positions: BTreeMap<String, usize> = follower
            .records()
            .iter()
            .enumerate()
            .map(|(position, record)| (record["eventID"].as_str().expect("an id").to_owned(), position))
            .collect();
        let events = once(deliver(&follower, &breaks, &mut random).await, &mut seen);
        apply_in_order(&mut received, events, &positions);
        let present = state_of(world).await;
        assert_same(&received, &present);
        moments.push((world.now(), present));
    }
    assert!(done > 40, "{done} requests succeeded");
    check_history(&follower, &moments).await;
}

/// Changes texts of a body, so that repeated requests change something.
fn varied(mut body: Value, random: &mut Rng) -> Value {
    for name in ["name", "description", "remarks", "extId", "deviceId", "title"] {
        if let Some(text) = body.get(name).and_then(Value::as_str).filter(|_| random.bool()) {
            body[name] = format!("{text}-{}", random.u8(0..6)).into();
        }
    }
    body
}

fn assert_same(received: &State, present: &State) {
    let keys = received.keys().chain(present.keys());
    let different: Vec<_> = keys
        .filter(|key| received.get(*key) != present.get(*key))
        .map(|key| (key, received.get(key), present.get(key)))
        .collect();
    assert!(different.is_empty(), "of the events, and of the table: {different:#?}");
}

/// Checks that the last rows up to each moment have the state of that moment, of all objects that have rows.
async fn check_history(follower: &Follower, moments: &[(i64, State)]) {
    let mut rows = Vec::new();
    for item in follower.world.stored().await {
        if item.text("entityType") == Ok("HistoryRow") {
            rows.push((item.key().expect("a key"), functions::history::row::row_of(&item).expect("a row")));
        }
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(rows.len() > 40, "{}", rows.len());
    let mut count = 0;
    for (moment, state) in moments {
        let mut last: BTreeMap<(String, String), &Value> = BTreeMap::new();
        for (_, row) in &rows {
            let at = shared::clock::Timestamp::parse(row["versionDate"].as_str().expect("a time"));
            if at.expect("a time").unix_seconds() < *moment {
                last.insert(key_of(row), row);
            }
        }
        for (key, row) in last {
            count += 1;
            let expected = state.get(&key);
            if row["operation"] == "d" {
                assert_eq!(expected, None, "{row:#}");
            } else {
                let expected = expected.unwrap_or_else(|| panic!("not there: {row:#}"));
                for (name, value) in expected.as_object().expect("an object") {
                    assert_eq!(&row[name], value, "{name} of {row:#}");
                }
            }
        }
    }
    assert!(count > 100, "{count}");
}

/// Returns the kind and the identifiers of a row.
fn key_of(row: &Value) -> (String, String) {
    let kind = KINDS.iter().find(|kind| row["kind"] == kind.name).expect("a kind");
    let identifiers =
        kind.identifiers.iter().filter_map(|(name, _)| Some(((*name).to_owned(), row.get(*name)?.clone())));
    (kind.noun.to_owned(), Value::Object(identifiers.collect::<Map<_, _>>()).to_string())
}
