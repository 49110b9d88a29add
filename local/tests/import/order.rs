//! Lines that are imported together have the same outcomes as lines that are imported one by one.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use fastrand::Rng;

use super::LINES;
use super::refusals::REJECTED;
use super::replace::CHANGED;
use super::table::TestTable;

type Items = BTreeMap<[String; 2], HashMap<String, AttributeValue>>;

/// Removes the attribute that is random, and the random end of the keys of tombstones.
fn without_request_ids(items: Items) -> Items {
    let mut tombstones = HashMap::new();
    let without = |([pk, mut sk], mut item): ([String; 2], HashMap<String, AttributeValue>)| {
        item.remove("requestId");
        if pk.starts_with("TOMBSTONE#") {
            let count: &mut usize = tombstones.entry(pk.clone()).or_default();
            *count += 1;
            sk = count.to_string();
            item.remove("SK");
        }
        ([pk, sk], item)
    };
    items.into_iter().map(without).collect()
}

/// The numbers of lines that were written and that replaced an object, the rejected lines, and the items.
type Result = ([usize; 2], Vec<(usize, String)>, Items);

/// Imports the lines into a new table, one by one. They replace objects if `replaces` is true.
async fn one_by_one(lines: &[String], replaces: bool) -> Result {
    let table = TestTable::new().await;
    let (mut counts, mut refused) = ([0, 0], Vec::new());
    for (number, line) in (1..).zip(lines) {
        let (summary, reasons) = table.import_as(line, replaces).await;
        counts = [counts[0] + summary.written, counts[1] + summary.replaced];
        refused.extend(reasons.into_iter().map(|(_, reason)| (number, reason)));
    }
    (counts, refused, without_request_ids(table.items().await))
}

/// Imports the lines into a new table at once. They replace objects if `replaces` is true.
async fn at_once(lines: &[String], replaces: bool) -> Result {
    let table = TestTable::new().await;
    let (summary, refused) = table.import_as(&lines.join("\n"), replaces).await;
    ([summary.written, summary.replaced], refused, without_request_ids(table.items().await))
}

async fn assert_same(lines: &[String]) {
    assert_same_as(lines, false).await;
}

async fn assert_same_as(lines: &[String], replaces: bool) {
    let (together, single) = (at_once(lines, replaces).await, one_by_one(lines, replaces).await);
    assert_eq!((together.0, &together.1), (single.0, &single.1), "{lines:#?}");
    for (key, item) in &single.2 {
        assert_eq!(together.2.get(key), Some(item), "{lines:#?}");
    }
    assert_eq!(together.2.len(), single.2.len(), "{lines:#?}");
}

fn line(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn random_lines_have_the_same_outcomes() {
    for seed in 0..8 {
        let mut rng = Rng::with_seed(seed);
        let mut lines: Vec<String> = LINES.lines().chain(LINES.lines()).map(str::to_owned).collect();
        lines.extend(REJECTED.iter().map(|(line, _)| line.to_string()));
        // Other content for the same identifiers.
        let changed: Vec<String> = lines
            .iter()
            .map(|line| line.replace("active\"", "disabled\"").replace("key-1", "key-3"))
            .collect();
        lines.extend(changed);
        // Some lines keep their order, so that many refer to objects of earlier ones.
        for _ in 0..lines.len() * usize::try_from(seed % 4).expect("small") / 4 {
            let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            lines.swap(one, other);
        }
        assert_same(&lines).await;
    }
}

#[tokio::test]
async fn random_lines_that_replace_objects_have_the_same_outcomes() {
    for seed in 0..4 {
        let mut rng = Rng::with_seed(seed);
        let mut lines: Vec<String> = LINES.lines().chain(CHANGED.lines()).map(str::to_owned).collect();
        lines.extend(lines.clone());
        for _ in 0..lines.len() * usize::try_from(seed).expect("small") / 8 {
            let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            lines.swap(one, other);
        }
        assert_same_as(&lines, true).await;
    }
}

#[tokio::test]
async fn a_duplicate_is_reported_at_the_later_line() {
    let client = |name: &str| format!(r#"{{"type":"client","extId":"100","name":"{name}"}}"#);
    let user = |login: &str| {
        format!(
            r#"{{"type":"user","clientExtId":"100","extId":"u","loginId":"{login}","userState":"active"}}"#
        )
    };
    let lines = [client("A"), client("B"), user("a"), client("A"), user("b"), user("a")];
    let ([written, _], refused, _) = at_once(&lines, false).await;
    assert_eq!(written, 2);
    let expected = [
        (2, line("errors.duplicateValue Client already exists")),
        (5, line("User already exists with extId 'u'")),
    ];
    assert_eq!(refused, expected);
    assert_same(&lines).await;
}

/// Only the condition of the transaction shows that a value is reserved.
#[tokio::test]
async fn a_reserved_value_rejects_only_its_line() {
    let mut lines: Vec<String> = LINES.lines().take(18).map(str::to_owned).collect();
    let mut rejected = Vec::new();
    for number in 0..30 {
        lines.push(format!(
            r#"{{"type":"user","clientExtId":"100","extId":"u-{number}","loginId":"u-{number}","userState":"active"}}"#
        ));
        let value = if number % 10 == 3 { 3 } else { number };
        lines.push(format!(
            r#"{{"type":"mobileSignature","clientExtId":"100","userExtId":"u-{number}","extId":"m","stateName":"active","identificator":"i","msspIdentifier":"urn:a","msisdn":"+411","properties":{{"employee_id":"{value}"}}}}"#
        ));
        if value != number {
            rejected.push(lines.len());
        }
    }
    let ([written, _], refused, _) = at_once(&lines, false).await;
    assert_eq!(refused.iter().map(|(number, _)| *number).collect::<Vec<_>>(), rejected);
    assert_eq!((written, rejected.len()), (lines.len() - 2, 2));
    assert_same(&lines).await;
}

#[tokio::test]
async fn lines_refer_to_objects_of_lines_that_are_not_imported_together() {
    let mut lines = vec![line(r#"{"type":"client","extId":"100","name":"Default"}"#)];
    for number in 0..1200 {
        let parent = if number == 0 { "root".to_owned() } else { format!("n-{}", number / 2) };
        lines.push(format!(
            r#"{{"type":"unit","clientExtId":"100","extId":"n-{number}","parentUnitExtId":"{parent}","name":"N-{number}"}}"#
        ));
    }
    let ([written, _], refused, _) = at_once(&lines, false).await;
    assert_eq!((written, refused), (lines.len(), Vec::new()));
}
