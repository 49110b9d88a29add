//! Export of a table that random requests have made, and its import: into an empty table, over itself, and over a
//! table that has changed since.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::OnceLock;

use aws_sdk_dynamodb::Client;
use local::engine::Engine;
use local::export::export_lines;
use local::import::{Importer, LineOutcome, Summary, import_lines};
use shared::clock::{Clock, Random, Timestamp};
use shared::policy::Settings;

use crate::support::World;

/// The name of the other table.
const OTHER: &str = "other";
/// A time after all times of the requests.
const LATER: &str = "2100-01-01T00:00:00Z";
/// The beginnings of the keys of items that an export does not contain: stored responses, deletions, tombstones, and template
/// collections, which renaming a client does not rename.
const LEFT_OUT: [(&str, &str); 4] =
    [("IDEMPOTENCY", ""), ("DELETION#", ""), ("TOMBSTONE#", ""), ("CLIENT#", "TEMPLATE_COLLECTION#")];

async fn export(client: &Client, name: &str) -> String {
    let mut lines = Vec::new();
    export_lines(client.clone(), name, None, &mut lines).await.expect("an export");
    String::from_utf8(lines).expect("UTF-8")
}

/// The lines of the table before any request.
static FIRST: OnceLock<String> = OnceLock::new();

/// Imports lines, which replace objects if `replaces` is true. Returns the summary and the indexes of the rejected
/// lines.
async fn import(
    (client, name): (&Client, &str),
    settings: &Settings,
    lines: &str,
    replaces: bool,
) -> (Summary, BTreeSet<usize>) {
    let later = Timestamp::parse(LATER).expect("a time");
    let clock = Clock::from_fn(move || later);
    let importer = Importer::new(client.clone(), name, settings.clone(), clock, Random::system());
    let mut rejected = BTreeSet::new();
    let report = |number: usize, outcome: &LineOutcome| {
        if matches!(outcome, LineOutcome::Refused(_)) {
            rejected.insert(number - 1);
        }
    };
    let input = Cursor::new(lines.to_owned());
    let summary = import_lines(&importer.replacing(replaces), input, report).await.expect("an import");
    (summary, rejected)
}

/// Returns the keys of the items that an export contains, or that follow from it.
async fn keys(client: &Client, name: &str) -> BTreeSet<[String; 2]> {
    let mut keys = BTreeSet::new();
    let mut after = None;
    loop {
        let page = client.scan().table_name(name).consistent_read(true).set_exclusive_start_key(after);
        let page = page.send().await.expect("a page");
        let items = page.items.unwrap_or_default().into_iter();
        keys.extend(items.map(|item| ["PK", "SK"].map(|name| item[name].as_s().expect("a text").clone())));
        after = page.last_evaluated_key;
        if after.is_none() {
            break;
        }
    }
    let is_left_out = |[pk, sk]: &[String; 2]| {
        LEFT_OUT.iter().any(|(begin, prefix)| pk.starts_with(begin) && sk.starts_with(prefix))
    };
    keys.retain(|key| !is_left_out(key));
    keys
}

/// Remembers the lines of the table of a world before any request.
pub(super) async fn remember(world: &World) {
    let (client, name) = world.table();
    let lines = export(client, name).await;
    FIRST.get_or_init(|| lines);
}

/// Checks that a table can be exported and imported into an empty table, which is then the same. Returns the lines.
async fn assert_round_trip((client, name): (&Client, &str), settings: &Settings) -> String {
    let lines = export(client, name).await;
    let engine = Engine::memory().await.expect("an engine");
    let other = (&engine.client(), OTHER);
    local::table::make(other.0, OTHER).await.expect("a table");
    let (summary, rejected) = import(other, settings, &lines, false).await;
    let rejected: Vec<&str> = rejected.iter().filter_map(|index| lines.lines().nth(*index)).collect();
    assert_eq!((summary.written, rejected), (lines.lines().count(), Vec::new()));
    assert_eq!(export(other.0, OTHER).await, lines);
    let (imported, own) = (keys(other.0, OTHER).await, keys(client, name).await);
    assert_eq!(imported.difference(&own).collect::<Vec<_>>(), Vec::<&[String; 2]>::new());
    // A value stays reserved until it changes, even if its property is no longer unique.
    let is_reserved = |[pk, _]: &&[String; 2]| pk.starts_with("PROPERTY_VALUE#");
    assert_eq!(
        own.difference(&imported).filter(|key| !is_reserved(key)).collect::<Vec<_>>(),
        Vec::<&[String; 2]>::new()
    );
    lines
}

/// Checks that the table of a world can be exported and imported: into an empty table, and over itself, which changes
/// nothing. Then lets the lines from before the requests replace what these made.
pub(super) async fn check(world: &World) {
    let (table, settings) = (world.table(), &world.settings());
    let lines = assert_round_trip(table, settings).await;
    let (summary, _) = import(table, settings, &lines, true).await;
    assert_eq!((summary.unchanged, summary.lines()), (lines.lines().count(), lines.lines().count()));
    assert_eq!(export(table.0, table.1).await, lines);

    let first = FIRST.get().expect("remembered");
    let (summary, rejected) = import(table, settings, first, true).await;
    assert_eq!(summary.lines(), first.lines().count());
    let lines = assert_round_trip(table, settings).await;
    // Another profile can have become the default one.
    let comparable = |line: &str| line.replace(r#","isDefaultProfile":true"#, "");
    let found: BTreeSet<String> = lines.lines().map(comparable).collect();
    for (_, line) in first.lines().enumerate().filter(|(index, _)| !rejected.contains(index)) {
        assert!(found.contains(&comparable(line)), "{line}");
    }
    // A line that was rejected may be accepted after the later ones.
    let (summary, again) = import(table, settings, first, true).await;
    assert!(again.is_subset(&rejected));
    assert_eq!(summary.written + summary.replaced, rejected.len() - again.len());
}
