//! Imports with `--replace`: what they create, replace and leave as it is.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use shared::table::key::split_copy;

use super::LINES;
use super::table::TestTable;

/// The objects of [`LINES`] in the same order, of which those that can change have other content.
pub(crate) const CHANGED: &str = include_str!("changed.jsonl");

pub(crate) type Items = BTreeMap<[String; 2], HashMap<String, AttributeValue>>;

/// The entity types of copies, and of their originals.
const COPIES: [(&str, &str); 9] = [
    ("ClientEntry", "Client"),
    ("UnitEntry", "Unit"),
    ("UserEntry", "User"),
    ("LoginId", "User"),
    ("UserEmail", "User"),
    ("ProfileEntry", "Profile"),
    ("TermsEntry", "Terms"),
    ("PropertyEntry", "PropertyDefinition"),
    ("PropertyId", "PropertyDefinition"),
];

/// Returns a table with [`LINES`].
pub(crate) async fn table() -> TestTable {
    let table = TestTable::new().await;
    table.import_all(LINES).await;
    table
}

/// Returns the numbers of lines that were written, replaced an object, changed nothing and were rejected.
pub(crate) async fn replace(table: &TestTable, lines: &str) -> [usize; 4] {
    let (summary, refused) = table.replace(lines).await;
    assert_eq!(summary.refused, refused.len(), "{refused:?}");
    [summary.written, summary.replaced, summary.unchanged, summary.refused]
}

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Returns the items without what tells when they were written, and how often, without tombstones of what replacing
/// deleted, and without template collections, which renaming a client does not rename.
fn without_history(mut items: Items) -> Items {
    for item in items.values_mut() {
        for name in ["created", "createdBy", "lastModified", "modifiedBy", "requestId", "version", "revision"]
        {
            item.remove(name);
        }
        item.remove("isMarked");
        // Only the item of a profile follows the state of its user.
        if text(item, "entityType") == "ProfileEntry" {
            item.remove("userState");
        }
    }
    items.retain(|[pk, sk], _| !pk.starts_with("TOMBSTONE#") && !sk.starts_with("TEMPLATE_COLLECTION#"));
    items
}

/// Returns the versions of the entities of some types, by type and identifiers.
fn versions(items: &Items, types: &[&str]) -> BTreeMap<String, String> {
    let names = ["clientExtId", "extId", "scope", "name"];
    let entities = items.values().filter(|item| types.contains(&text(item, "entityType").as_str()));
    let identified = entities.map(|item| {
        let kind = text(item, "entityType");
        let count = if kind.starts_with("Property") { 4 } else { 2 };
        (format!("{kind} {:?}", names[..count].iter().map(|name| text(item, name)).collect::<Vec<_>>()), item)
    });
    identified.map(|(name, item)| (name, text(item, "version"))).collect()
}

/// Requires that each copy has the version of its original.
pub(crate) fn assert_copies_have_the_versions_of_their_originals(items: &Items) {
    for (copy, original) in COPIES {
        let originals = versions(items, &[original]);
        for (name, version) in versions(items, &[copy]) {
            let name = name.replacen(copy, original, 1);
            assert_eq!(originals.get(&name), Some(&version), "{copy} {name}");
        }
    }
}

#[tokio::test]
async fn missing_objects_are_created() {
    let table = TestTable::new().await;
    // The line of a client has created its default unit, which the line of the unit replaces.
    assert_eq!(replace(&table, LINES).await, [LINES.lines().count() - 1, 1, 0, 0]);
    assert_eq!(table.export(None).await, LINES);
}

#[tokio::test]
async fn objects_with_the_same_content_are_unchanged_and_nothing_is_written() {
    let table = table().await;
    let before = table.items().await;
    assert_eq!(replace(&table, LINES).await, [0, 0, LINES.lines().count(), 0]);
    assert_eq!(table.items().await, before);
}

/// Also copies, reservations and references are those of a table into which the objects were imported so.
#[tokio::test]
async fn replaced_objects_are_as_if_they_had_been_created_so() {
    let (table, other) = (table().await, TestTable::new().await);
    let changed = CHANGED.lines().filter(|line| !LINES.lines().any(|before| before == *line)).count();
    // The former version of terms has no line of its own before.
    assert_eq!(replace(&table, CHANGED).await, [0, changed - 1, CHANGED.lines().count() - changed + 1, 0]);
    assert_eq!(table.export(None).await, CHANGED);
    other.import_all(CHANGED).await;
    let (items, expected) = (table.items().await, without_history(other.items().await));
    let found = without_history(items.clone());
    for (key, item) in &expected {
        assert_eq!(found.get(key), Some(item), "{key:?}");
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert_copies_have_the_versions_of_their_originals(&items);
    // Repeating the import changes nothing.
    assert_eq!(replace(&table, CHANGED).await, [0, 0, CHANGED.lines().count(), 0]);
    assert_eq!(table.items().await, items);
}

#[tokio::test]
async fn the_version_of_a_replaced_object_is_incremented_by_one() {
    let kinds = [
        "Client",
        "Unit",
        "User",
        "Profile",
        "Terms",
        "PropertyDefinition",
        "PersonalQuestion",
        "UserProperties",
        "MobileSignature",
    ];
    let table = table().await;
    let before = table.items().await;
    // Another line also takes the mark of the default profile from this one.
    let lines: Vec<&str> = CHANGED.lines().filter(|line| !line.contains(r#""extId":"p-2""#)).collect();
    table.replace(&lines.join("\n")).await;
    let after = table.items().await;
    let is_same = |key: &[String; 2]| {
        without_history(before.clone()).get(key) == without_history(after.clone()).get(key)
    };
    let mut incremented = 0;
    let is_first = |key: &[String; 2]| split_copy(&key[0]).1 == 0;
    let of_kinds = |(key, item): &(&[String; 2], &_)| {
        is_first(key) && kinds.contains(&text(item, "entityType").as_str())
    };
    for (key, item) in before.iter().filter(of_kinds) {
        let number = |item| text(item, "version").parse::<u64>().expect("a number");
        let increment = u64::from(!is_same(key));
        // The state of a user and the mark of a profile are stored elsewhere too, where readers do not see them.
        assert_eq!(number(&after[key]), number(item) + increment, "{key:?}");
        incremented += increment;
    }
    assert_eq!(incremented, 23);
}

/// The line replaces the object completely: what it omits is removed or has its default.
#[tokio::test]
async fn omitted_members_are_removed() {
    let table = table().await;
    let user = r#"{"type":"user","clientExtId":"200","extId":"user-123"}"#;
    let question = r#"{"type":"personalQuestion","clientExtId":"100","extId":"q-1","stateName":"active"}"#;
    let values = r#"{"type":"userProperties","clientExtId":"100","userExtId":"user-123"}"#;
    assert_eq!(replace(&table, &[user, question, values].join("\n")).await, [0, 3, 0, 0]);
    let export = table.export(None).await;
    let completed = user.replace('}', r#","loginId":"user-123","userState":"active"}"#);
    for line in [completed.as_str(), question, values] {
        assert!(export.lines().any(|exported| exported == line), "{line}");
    }
}

/// What the service generates if it is omitted remains: the default entities of a client, and the identifier of a
/// property.
#[tokio::test]
async fn omitted_generated_identifiers_remain() {
    let table = table().await;
    let client = r#"{"type":"client","extId":"200","name":"Other","remarks":"new"}"#;
    let property = r#"{"type":"property","scope":"USER_GLOBAL","name":"floor","description":"new","valueType":"STRING"}"#;
    let lines = [client, property].join("\n");
    assert_eq!(replace(&table, &lines).await, [0, 2, 0, 0]);
    assert_eq!(replace(&table, &lines).await, [0, 0, 2, 0]);
    let export = table.export(None).await;
    let client = client.replace('}', r#","defaultUnitExtId":"top","defaultProfilePolicyExtId":"strict"}"#);
    let property = property.replace(r#""scope""#, r#""propertyId":102,"scope""#);
    for line in [client, property] {
        assert!(export.lines().any(|exported| exported == line), "{line}");
    }
}

/// Each line is planned as if the earlier ones had been written, also if they are written together.
#[tokio::test]
async fn the_last_line_of_an_object_decides() {
    let table = table().await;
    let user = |login: &str| {
        format!(
            r#"{{"type":"user","clientExtId":"200","extId":"user-123","loginId":"{login}","userState":"disabled"}}"#
        )
    };
    let lines = [user("a"), user("b"), user("b"), user("jdoe"), user("c")];
    assert_eq!(replace(&table, &lines.join("\n")).await, [0, 4, 1, 0]);
    let items = table.items().await;
    let stored =
        items.values().filter(|item| text(item, "entityType") == "User" && text(item, "loginId") == "c");
    assert_eq!(stored.map(|item| text(item, "version")).collect::<Vec<_>>(), ["4"]);
    assert_copies_have_the_versions_of_their_originals(&items);
}
