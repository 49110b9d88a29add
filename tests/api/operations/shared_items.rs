//! The items that operations on different users share, derived from the calls that they make.

use std::collections::{BTreeMap, BTreeSet};

use shared::table::key::split_copy;

use super::all_rows;
use super::rows::Row;
use crate::support::recorder::Recorder;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Caller, World};

/// The documentation of the items.
const DOCUMENT: &str = include_str!("../../../docs/scale.md");

/// The kinds of items that operations on different users may share: what the documentation calls them, the beginnings
/// of their keys, and the number of their copies.
const KINDS: [(&str, [&str; 2], usize); 5] = [
    ("client", ["CLIENT#client-123", "CLIENT"], 4),
    ("unit", ["CLIENT#client-123", "UNIT#"], 4),
    ("property definition", ["PROPERTIES#", "PROPERTY#"], 8),
    ("terms", ["TERMS#", "TERMS"], 32),
    ("list of terms", ["TERMS", ""], 32),
];

/// The beginnings of the keys of reservations. The requests of both users name the same values, of which only one can
/// have each.
const RESERVATIONS: [&str; 2] = ["CLIENT#client-123#FIDO_UAF | ", "PROPERTY_VALUE#"];

/// What calls do with the items of a key, without the number of the copy.
type Uses = BTreeMap<String, BTreeSet<&'static str>>;

/// Returns what the calls of a good request do.
async fn uses_of(row: &Row, (world, recorder): &(World, Recorder)) -> Uses {
    let answer = row.call(world).by(&Caller::root()).send().await;
    assert_eq!(answer.status, row.success, "{}: {answer:?}", row.id);
    let mut uses = Uses::new();
    for (use_of, key) in recorder.uses() {
        if RESERVATIONS.iter().any(|begin| key.starts_with(begin)) {
            continue;
        }
        let (pk, sk) = key.split_once(" | ").unwrap_or((&key, ""));
        uses.entry(format!("{} | {sk}", split_copy(pk).0)).or_default().insert(use_of);
    }
    uses
}

/// Returns a furnished world whose calls are recorded. The users of `other` worlds have other names.
async fn recorded(other: bool) -> (World, Recorder) {
    let recorder = Recorder::default();
    let world = World::in_process(&[], |client| recorder.watch(&client)).await;
    let names = world.names().clone();
    let world = if other { world.named(names.of_other_users()) } else { world };
    world.furnish("{Default}").await;
    (world, recorder)
}

/// Returns the kind of item that a key belongs to, if different users may share it.
fn kind_of(key: &str) -> Option<(&'static str, usize)> {
    let (pk, sk) = key.split_once(" | ").expect("a key");
    let is_of = |[pk_prefix, sk_prefix]: &[&str; 2]| match *sk_prefix {
        "" => pk == *pk_prefix && sk.is_empty(),
        sk_prefix => pk.starts_with(pk_prefix) && sk.starts_with(sk_prefix),
    };
    KINDS.iter().find(|(_, keys, _)| is_of(keys)).map(|(kind, _, copies)| (*kind, *copies))
}

/// Returns the row of a table that the documentation has for a kind of item. `all` are the operations on users.
fn documented_row(
    (kind, copies): (&str, usize),
    operations: &[BTreeSet<&str>; 2],
    all: &BTreeSet<&str>,
) -> String {
    let named =
        |operations: Vec<&&str>| operations.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    let list = |operations: &BTreeSet<&str>| {
        if operations.is_empty() {
            "none".to_owned()
        } else if operations.len() > all.len() / 2 {
            format!("all but {}", named(all.difference(operations).collect()))
        } else {
            named(operations.iter().collect())
        }
    };
    format!("| {kind} | {copies} | {} | {} |\n", list(&operations[0]), list(&operations[1]))
}

/// Two operations on different users share what both have in a row of the documented table, and nothing else.
#[tokio::test]
async fn operations_on_different_users_share_only_copies() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the keys of its calls") {
        return;
    }
    let mut of_users: [BTreeMap<&str, Uses>; 2] = Default::default();
    for row in all_rows().filter(|row| row.has_user() || row.has_owner() || row.id == "create-user") {
        for (other, uses) in [false, true].into_iter().zip(&mut of_users) {
            uses.insert(row.id, uses_of(row, &recorded(other).await).await);
        }
    }
    let [ones, others] = &of_users;
    let mut shared: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for (one, of_one) in ones {
        for (other, of_other) in others {
            for (key, uses) in of_one.iter().filter(|(key, _)| of_other.contains_key(*key)) {
                let (kind, _) =
                    kind_of(key).unwrap_or_else(|| panic!("{one} and {other} share the item at {key}"));
                let is_read = |used: &&str| ["read", "query", "check"].contains(used);
                assert!(uses.iter().all(is_read), "{one} changes the {kind} at {key}: {uses:?}");
                let [reads, checks] = shared.entry(kind).or_default();
                reads.extend((uses.contains("read") || uses.contains("query")).then_some(*one));
                checks.extend(uses.contains("check").then_some(*one));
            }
        }
    }
    let all: BTreeSet<&str> = ones.keys().copied().collect();
    let row =
        |(kind, _, copies)| documented_row((kind, copies), &shared.remove(kind).unwrap_or_default(), &all);
    let table: String = KINDS.map(row).concat();
    assert!(DOCUMENT.contains(&table), "docs/scale.md lacks\n{table}");
}

/// The table has as many copies as the documentation says.
#[tokio::test]
async fn shared_items_lie_in_copies() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the items of the table") {
        return;
    }
    let world = World::furnished().await;
    let mut found: BTreeMap<&str, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for item in world.stored().await {
        let key = item.key().expect("a key");
        let sk = if key.pk() == "TERMS" { "" } else { key.sk() };
        // The items of the other client lie in as many.
        let pk = key.pk().replace("client-456", "client-123");
        if let Some((kind, copies)) = kind_of(&format!("{pk} | {sk}")) {
            assert_eq!(usize::try_from(key.copies()), Ok(copies), "{key:?}");
            found.entry(kind).or_default().insert((item.copy_number().expect("a number"), key.copies()));
        } else {
            assert_eq!(key.copies(), 1, "{key:?}");
        }
    }
    for (kind, _, copies) in KINDS {
        let copies = u64::try_from(copies).expect("a number");
        let all: BTreeSet<(u64, u64)> = (0..copies).map(|copy| (copy, copies)).collect();
        assert_eq!(found.remove(kind), Some(all), "{kind}");
    }
}
