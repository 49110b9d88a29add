//! Tests the exact wire format of each condition and each change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::*;
use crate::clock::Random;
use crate::table::attribute::{text, text_map, text_set};
use crate::table::tests::{Answer, Wire, random, seconds, stamp};

/// Returns the index of a single action.
fn single(first: usize) -> ActionIndex {
    ActionIndex { first, count: 1 }
}

fn key() -> Key {
    Key::new(&["USER", "100", "u"], &["USER"])
}

/// Returns the actions of a transaction in the wire format.
async fn actions(transaction: &Transaction) -> Value {
    let wire = Wire::new(|_| Answer::Done);
    let outcome = wire.table("transaction", random()).transact(seconds(1), transaction).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    wire.bodies()[0]["TransactItems"].clone()
}

/// Returns the common members of the actions on that key.
fn action(condition: Option<&str>, names: &[&str], values: Value) -> Value {
    let mut action = json!({
        "TableName": "the-table",
        "Key": {"PK": {"S": "USER#100#u"}, "SK": {"S": "USER"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    if let Some(condition) = condition {
        action["ConditionExpression"] = condition.into();
    }
    if !names.is_empty() {
        let names: BTreeMap<String, &str> = names.iter().map(|name| (format!("#{name}"), *name)).collect();
        action["ExpressionAttributeNames"] = json!(names);
    }
    if values != json!({}) {
        action["ExpressionAttributeValues"] = values;
    }
    action
}

/// The expression of the condition that an item exists, and the attributes that it names.
const EXISTS: &str = "attribute_exists(#PK) AND attribute_not_exists(#deletion)";
const EXISTING: [&str; 2] = ["PK", "deletion"];

fn conditions() -> Vec<(Condition, &'static str, &'static [&'static str], Value)> {
    vec![
        (Condition::Exists, EXISTS, &EXISTING, json!({})),
        (Condition::Absent, "attribute_not_exists(#PK)", &["PK"], json!({})),
        (
            Condition::AsRead { revision: 7, request: "r".to_owned() },
            "attribute_exists(#PK) AND #revision = :v0 AND #requestId = :v1",
            &["PK", "revision", "requestId"],
            json!({":v0": {"N": "7"}, ":v1": {"S": "r"}}),
        ),
        (
            Condition::Text("owner", "a#b".to_owned()),
            "attribute_exists(#PK) AND attribute_not_exists(#deletion) AND #owner = :v0",
            &["PK", "deletion", "owner"],
            json!({":v0": {"S": "a#b"}}),
        ),
        (
            Condition::OtherText("state", "archived".to_owned()),
            "attribute_exists(#PK) AND attribute_not_exists(#deletion) AND #state <> :v0",
            &["PK", "deletion", "state"],
            json!({":v0": {"S": "archived"}}),
        ),
        (
            Condition::AbsentOrText("owner", "me".to_owned()),
            "attribute_not_exists(#PK) OR #owner = :v0",
            &["PK", "owner"],
            json!({":v0": {"S": "me"}}),
        ),
        (
            Condition::AbsentOrNumberUpTo("expires", 90),
            "attribute_not_exists(#PK) OR #expires <= :v0",
            &["PK", "expires"],
            json!({":v0": {"N": "90"}}),
        ),
        (
            Condition::NumberBelow("credentials", 90),
            "attribute_exists(#PK) AND attribute_not_exists(#deletion) AND #credentials < :v0",
            &["PK", "deletion", "credentials"],
            json!({":v0": {"N": "90"}}),
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn checks_and_deletions_have_their_condition() {
    for (condition, text, names, values) in conditions() {
        let mut transaction = Transaction::new(&stamp());
        transaction.check(key(), condition.clone());
        transaction.delete(key(), condition);
        let expected = action(Some(text), names, values);
        assert_eq!(actions(&transaction).await, json!([{"ConditionCheck": expected}, {"Delete": expected}]));
    }
}

#[test]
fn an_item_that_is_being_deleted_fails_each_condition_that_it_exists_but_its_key_is_in_use() {
    let fails: Vec<bool> = conditions()
        .iter()
        .map(|(condition, ..)| Expression::default().condition(condition).expect("a condition"))
        .map(|text| text == EXISTS || text.starts_with(&format!("{EXISTS} AND ")))
        .collect();
    // The condition that no item exists is the second one.
    assert_eq!(fails, [true, false, false, true, true, false, false, true]);
    let in_use = Expression::default().condition(&Condition::Absent);
    assert_eq!(in_use.as_deref(), Some("attribute_not_exists(#PK)"));
}

#[tokio::test(start_paused = true)]
async fn an_unconditional_deletion_has_no_condition() {
    let mut transaction = Transaction::new(&stamp());
    transaction.delete(key(), Condition::Any);
    assert_eq!(actions(&transaction).await, json!([{"Delete": action(None, &[], json!({}))}]));
}

#[tokio::test(start_paused = true)]
async fn an_item_is_created_only_if_none_exists() {
    let mut transaction = Transaction::new(&stamp());
    let texts = BTreeMap::from([("EN".to_owned(), "a".to_owned())]);
    let set = BTreeSet::from(["x".to_owned(), "y".to_owned()]);
    let item = NewItem::new(&key(), "user")
        .with_text("name", "A")
        .with_optional_text("remarks", None)
        .with_optional_text("loginId", Some("jdoe"))
        .with_number("count", u64::MAX)
        .with_flag("active", true)
        .with_texts("displayName", &texts)
        .with_texts("content", &BTreeMap::new())
        .with_set("units", &set)
        .with_set("groups", &BTreeSet::new());
    transaction.create(item);
    let expected = json!([{"Put": {
        "TableName": "the-table",
        "ConditionExpression": "attribute_not_exists(#PK)",
        "ExpressionAttributeNames": {"#PK": "PK"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "Item": {
            "PK": {"S": "USER#100#u"},
            "SK": {"S": "USER"},
            "entityType": {"S": "user"},
            "created": {"S": "2026-01-01T00:00:00Z"},
            "createdBy": {"S": "100/admin"},
            "lastModified": {"S": "2026-01-01T00:00:00Z"},
            "modifiedBy": {"S": "100/admin"},
            "revision": {"N": "0"},
            "version": {"N": "0"},
            "requestId": {"S": "request-1"},
            "name": {"S": "A"},
            "loginId": {"S": "jdoe"},
            "count": {"N": "18446744073709551615"},
            "active": {"BOOL": true},
            "displayName": {"M": {"EN": {"S": "a"}}},
            "content": {"M": {}},
            "units": {"SS": ["x", "y"]},
        },
    }}]);
    assert_eq!(actions(&transaction).await, expected);
}

/// Returns the values of a change's stamp, numbered after those of its condition.
fn stamped(first: usize, further: &Value) -> Value {
    let mut values = json!({
        format!(":v{first}"): {"S": "2026-01-01T00:00:00Z"},
        format!(":v{}", first + 1): {"S": "100/admin"},
        format!(":v{}", first + 2): {"S": "request-1"},
    });
    for (name, value) in further.as_object().expect("an object") {
        values[name] = value.clone();
    }
    values
}

const STAMPS: [&str; 5] = ["lastModified", "modifiedBy", "requestId", "revision", "version"];

#[tokio::test(start_paused = true)]
async fn an_update_stamps_the_item_and_increments_its_version() {
    let mut transaction = Transaction::new(&stamp());
    transaction.update(Update::new(key(), Condition::Any));
    let values = stamped(0, &json!({":v3": {"N": "1"}}));
    let mut expected = action(None, &STAMPS, values);
    expected["UpdateExpression"] = json!(
        "SET #lastModified = :v0, #modifiedBy = :v1, #requestId = :v2, \
         #revision = #revision + :v3, #version = #version + :v3"
    );
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn an_internal_update_is_not_visible_to_readers() {
    let mut transaction = Transaction::new(&stamp());
    transaction.update(Update::internal(key(), Condition::Any).increment("credentials"));
    let values = json!({":v0": {"S": "request-1"}, ":v1": {"N": "1"}});
    let mut expected = action(None, &["credentials", "requestId", "revision"], values);
    expected["UpdateExpression"] =
        json!("SET #requestId = :v0, #revision = #revision + :v1, #credentials = #credentials + :v1");
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn updates_support_every_condition() {
    for (condition, text, names, values) in conditions() {
        let first = values.as_object().expect("an object").len();
        let mut transaction = Transaction::new(&stamp());
        transaction.update(Update::new(key(), condition));
        let mut all = values;
        all[format!(":v{}", first + 3)] = json!({"N": "1"});
        let mut expected = action(Some(text), &[names, &STAMPS].concat(), stamped(first, &all));
        let [by, request, one] = [1, 2, 3].map(|behind| first + behind);
        expected["UpdateExpression"] = json!(format!(
            "SET #lastModified = :v{first}, #modifiedBy = :v{by}, #requestId = :v{request}, \
             #revision = #revision + :v{one}, #version = #version + :v{one}"
        ));
        assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_sets_removes_and_counts() {
    let texts = BTreeMap::from([("employee_id".to_owned(), "1".to_owned())]);
    let update = Update::new(key(), Condition::Exists)
        .set("properties", Some(text_map(&texts)))
        .set("uniqueProperties", text_set(&BTreeSet::new()))
        .set("groups", text_set(&BTreeSet::from(["g".to_owned()])))
        .remove("dispatchTargetExtId")
        .increment("credentials")
        .decrement("targets");
    let mut transaction = Transaction::new(&stamp());
    transaction.update(update);
    let counted = ["credentials", "targets"];
    let names = [
        &STAMPS[..],
        &EXISTING,
        &["properties", "uniqueProperties", "groups", "dispatchTargetExtId"],
        &counted,
    ];
    let values = json!({
        ":v3": {"M": {"employee_id": {"S": "1"}}},
        ":v4": {"SS": ["g"]},
        ":v5": {"N": "1"},
    });
    let mut expected = action(Some(EXISTS), &names.concat(), stamped(0, &values));
    expected["UpdateExpression"] = json!(
        "SET #lastModified = :v0, #modifiedBy = :v1, #requestId = :v2, #properties = :v3, #groups = :v4, \
         #revision = #revision + :v5, #version = #version + :v5, #credentials = #credentials + :v5, \
         #targets = #targets - :v5 REMOVE #uniqueProperties, #dispatchTargetExtId"
    );
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn an_update_changes_entries_of_maps() {
    let update = Update::internal(key(), Condition::Exists)
        .set_entry("memberships", "p.1", Some(AttributeValue::S("sales".to_owned())))
        .set_entry("memberships", "p 2", None);
    let mut transaction = Transaction::new(&stamp());
    transaction.update(update);
    let values = json!({":v0": {"S": "request-1"}, ":v1": {"N": "1"}, ":v2": {"S": "sales"}});
    let names = [&EXISTING[..], &["memberships", "requestId", "revision"]].concat();
    let mut expected = action(Some(EXISTS), &names, values);
    expected["ExpressionAttributeNames"]["#e0"] = json!("p.1");
    expected["ExpressionAttributeNames"]["#e1"] = json!("p 2");
    expected["UpdateExpression"] = json!(
        "SET #requestId = :v0, #revision = #revision + :v1, #memberships.#e0 = :v2 REMOVE #memberships.#e1"
    );
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

/// Returns the item at the key, with or without a mark.
fn read_item(is_marked: bool) -> Item {
    let item = NewItem::new(&key(), "user");
    let item = if is_marked { item.with_flag(MARK, true) } else { item };
    item.as_stored(&stamp())
}

#[tokio::test(start_paused = true)]
async fn a_reference_requires_the_item_as_it_was_read_and_removes_its_mark() {
    let unchanged = "attribute_exists(#PK) AND #revision = :v0 AND #requestId = :v1";
    let mut transaction = Transaction::new(&stamp());
    assert_eq!(transaction.refer_to(&read_item(false)), Ok(single(0)));
    assert_eq!(transaction.refer_to(&read_item(true)), Ok(single(1)));
    let compared = json!({":v0": {"N": "0"}, ":v1": {"S": "request-1"}});
    let check = action(Some(unchanged), &["PK", "revision", "requestId"], compared);
    let values = json!({
        ":v0": {"N": "0"}, ":v1": {"S": "request-1"}, ":v2": {"S": "request-1"}, ":v3": {"N": "1"},
    });
    let mut update = action(Some(unchanged), &["PK", "isMarked", "requestId", "revision"], values);
    update["UpdateExpression"] = json!("SET #requestId = :v2, #revision = #revision + :v3 REMOVE #isMarked");
    assert_eq!(actions(&transaction).await, json!([{"ConditionCheck": check}, {"Update": update}]));
}

#[tokio::test(start_paused = true)]
async fn a_mark_changes_the_revision_alone_and_returns_the_next_one() {
    let mut transaction = Transaction::new(&stamp());
    assert_eq!(
        transaction.mark(&read_item(false)),
        Ok(Condition::AsRead { revision: 1, request: "request-1".to_owned() })
    );
    let values = json!({
        ":v0": {"N": "0"},
        ":v1": {"S": "request-1"},
        ":v2": {"S": "request-1"},
        ":v3": {"BOOL": true},
        ":v4": {"N": "1"},
    });
    let condition = Some("attribute_exists(#PK) AND #revision = :v0 AND #requestId = :v1");
    let mut expected = action(condition, &["PK", "isMarked", "requestId", "revision"], values);
    expected["UpdateExpression"] =
        json!("SET #requestId = :v2, #isMarked = :v3, #revision = #revision + :v4");
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn an_update_increases_a_number_by_any_other() {
    let mut transaction = Transaction::new(&stamp());
    transaction.update(Update::internal(key(), Condition::Any).increase("deleted", 7));
    let values = json!({":v0": {"S": "request-1"}, ":v1": {"N": "1"}, ":v2": {"N": "7"}});
    let mut expected = action(None, &["deleted", "requestId", "revision"], values);
    expected["UpdateExpression"] =
        json!("SET #requestId = :v0, #revision = #revision + :v1, #deleted = #deleted + :v2");
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_begins_with_a_mark_that_requires_the_item_as_it_was_read() {
    let mut transaction = Transaction::new(&stamp());
    assert_eq!(transaction.begin_deletion(&read_item(false), "d"), Ok(single(0)));
    let values = json!({
        ":v0": {"N": "0"},
        ":v1": {"S": "request-1"},
        ":v2": {"S": "request-1"},
        ":v3": {"S": "d"},
        ":v4": {"N": "1"},
    });
    let condition = Some("attribute_exists(#PK) AND #revision = :v0 AND #requestId = :v1");
    let mut expected = action(condition, &["PK", "deletion", "requestId", "revision"], values);
    expected["UpdateExpression"] =
        json!("SET #requestId = :v2, #deletion = :v3, #revision = #revision + :v4");
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_was_not_read_is_marked_if_it_exists_and_has_no_mark() {
    let mut transaction = Transaction::new(&stamp());
    assert_eq!(transaction.begin_deletion_at(key(), Condition::Exists, "d"), single(0));
    let values = json!({":v0": {"S": "request-1"}, ":v1": {"S": "d"}, ":v2": {"N": "1"}});
    let mut expected = action(Some(EXISTS), &["PK", "deletion", "requestId", "revision"], values);
    expected["UpdateExpression"] =
        json!("SET #requestId = :v0, #deletion = :v1, #revision = #revision + :v2");
    assert_eq!(actions(&transaction).await, json!([{"Update": expected}]));
}

#[tokio::test(start_paused = true)]
async fn a_requirement_is_a_check_that_the_item_exists() {
    let mut transaction = Transaction::new(&stamp());
    transaction.require(key());
    let expected = action(Some(EXISTS), &EXISTING, json!({}));
    assert_eq!(actions(&transaction).await, json!([{"ConditionCheck": expected}]));
}

#[tokio::test(start_paused = true)]
async fn actions_keep_their_order_and_indices() {
    let mut transaction = Transaction::new(&stamp());
    let places = [
        transaction.check(key(), Condition::Exists),
        transaction.delete(key(), Condition::Any),
        transaction.create(NewItem::new(&key(), "user")),
        transaction.update(Update::new(key(), Condition::Any)),
    ];
    assert_eq!(places, [0, 1, 2, 3].map(single));
    let actions = actions(&transaction).await;
    let kinds: Vec<&String> = actions
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|action| action.as_object().into_iter().flat_map(|action| action.keys()))
        .collect();
    assert_eq!(kinds, ["ConditionCheck", "Delete", "Put", "Update"]);
}

#[test]
fn actions_without_a_failed_condition_return_none() {
    let failed = FailedConditions(vec![None, Some(FailedCondition { item: None })]);
    assert_eq!([0, 1, 2].map(|place| failed.at(single(place)).is_some()), [false, true, false]);
}

/// Returns a key that differs from those of other numbers.
fn numbered(number: usize) -> Key {
    Key::new(&["N", &number.to_string()], &["N"])
}

/// Returns a transaction with these actions.
fn transaction<T>(add: impl FnOnce(&mut Transaction) -> T) -> Transaction {
    let mut transaction = Transaction::new(&stamp());
    add(&mut transaction);
    transaction
}

#[test]
fn an_appended_transaction_omits_only_the_checks_that_are_implied() {
    let existing = transaction(|it| {
        it.create(NewItem::new(&key(), "User"));
        it.check(numbered(1), Condition::Exists);
    });
    let appended = transaction(|it| {
        it.check(key(), Condition::Exists);
        it.check(numbered(1), Condition::Exists);
        it.create(NewItem::new(&numbered(2), "Thing"));
    });
    let mut both = existing.clone();
    assert!(both.append(&appended));
    assert_eq!((existing.len(), both.len()), (2, 3));
    assert_eq!(both.changed_keys(), [key(), numbered(2)]);
}

#[test]
fn a_requirement_adds_nothing_if_another_action_is_at_the_key() {
    for (name, mut present) in [
        ("check", transaction(|it| it.check(key(), Condition::Absent))),
        ("creation", transaction(|it| it.create(NewItem::new(&key(), "User")))),
        ("update", transaction(|it| it.update(Update::new(key(), Condition::Exists)))),
        ("deletion", transaction(|it| it.delete(key(), Condition::Any))),
        ("requirement", transaction(|it| it.require(key()))),
    ] {
        present.require(key());
        assert_eq!(present.len(), 1, "{name}");
        for other in [Key::new(&["USER", "100", "u"], &["USER", "x"]), numbered(1)] {
            present.require(other);
        }
        assert_eq!(present.len(), 3, "{name}");
    }
}

#[test]
fn only_deletions_count_as_deletions() {
    let none = transaction(|it| {
        it.check(numbered(1), Condition::Exists);
        it.create(NewItem::new(&numbered(2), "Thing"));
        it.update(Update::new(numbered(3), Condition::Exists));
        it.begin_deletion_at(numbered(4), Condition::Exists, "d");
    });
    let mut two = none.clone();
    two.delete(numbered(5), Condition::Any);
    two.delete(numbered(6), Condition::Exists);
    assert_eq!((none.deletions(), two.deletions()), (0, 2));
}

#[test]
fn an_applied_increase_adds_to_the_number() {
    let counted = |count| NewItem::new(&key(), "Thing").with_number("count", count);
    let mut items = HashMap::from([(key(), counted(4).as_stored(&stamp()))]);
    let applied =
        transaction(|it| it.update(Update::internal(key(), Condition::Exists).increase("count", 38)));
    applied.apply_to(&mut items).expect("applied");
    let expected = counted(42).with_number(REVISION, 1).as_stored(&stamp());
    assert_eq!(items, HashMap::from([(key(), expected)]));
}

#[test]
fn applied_actions_leave_the_items_that_are_read_afterwards() {
    let stored = |item: NewItem| item.as_stored(&stamp());
    let counted = |number, count, left| {
        NewItem::new(&numbered(number), "Thing").with_number("count", count).with_number("left", left)
    };
    let thing = |number| counted(number, 4, 2).with_text("name", "old");
    let map = |entries: &[&str]| entries.iter().map(|entry| ((*entry).to_owned(), "1".to_owned())).collect();
    let mut items: HashMap<Key, Item> = HashMap::new();
    for item in [thing(1).with_texts("map", &map(&["a", "b"])), thing(2), thing(3)] {
        let item = stored(item);
        items.insert(item.key().expect("a key"), item);
    }
    let applied = transaction(|it| {
        let update =
            Update::new(numbered(1), Condition::Exists).remove("name").increment("count").decrement("left");
        it.update(update.set_entry("map", "a", None).set_entry("map", "c", Some(text("1"))));
        it.update(Update::internal(numbered(2), Condition::Exists).set("name", Some(text("new"))));
        it.delete(numbered(3), Condition::Exists);
        it.create(thing(4));
        it.update(Update::new(numbered(5), Condition::Exists));
        it.check(numbered(6), Condition::Exists);
    });
    applied.apply_to(&mut items).expect("applied");
    let expected = [
        counted(1, 5, 1).with_texts("map", &map(&["b", "c"])),
        counted(2, 4, 2).with_text("name", "new"),
        thing(4),
    ];
    let [changed, internal, created] = expected;
    let changed = stored(changed.changed_once());
    let internal = stored(internal.with_number(REVISION, 1));
    assert_eq!(items.len(), 3);
    for item in [changed, internal, stored(created)] {
        assert_eq!(items.get(&item.key().expect("a key")), Some(&item));
    }
}

#[test]
fn a_transaction_with_an_action_at_the_same_key_is_not_appended() {
    let check = |condition| transaction(|it| it.check(key(), condition));
    let create = transaction(|it| it.create(NewItem::new(&key(), "User")));
    let update = transaction(|it| it.update(Update::new(key(), Condition::Exists)));
    let delete = transaction(|it| it.delete(key(), Condition::Any));
    let (exists, absent) = (check(Condition::Exists), check(Condition::Absent));
    for (first, second) in [
        (&create, &create),
        (&create, &update),
        (&create, &absent),
        (&exists, &update),
        (&exists, &absent),
        (&absent, &exists),
        (&update, &exists),
        (&delete, &exists),
    ] {
        let mut both = first.clone();
        let fits = both.append(second);
        assert_eq!((fits, both.len()), (false, 1), "{first:?} {second:?}");
    }
}

#[test]
fn an_appended_transaction_does_not_exceed_the_maximum_number_of_actions() {
    let creates = |numbers: Range<usize>| {
        transaction(|it| {
            for number in numbers {
                it.create(NewItem::new(&numbered(number), "Thing"));
            }
        })
    };
    let mut both = creates(0..60);
    assert!(!both.append(&creates(60..101)));
    assert_eq!(both.len(), 60);
    assert!(both.append(&creates(60..100)));
    assert_eq!(both.len(), 100);
}

#[test]
fn failed_conditions_are_found_by_the_range_of_their_actions() {
    let failed = FailedConditions(vec![None, Some(FailedCondition { item: None }), None]);
    let ranges = [0..1, 0..2, 1..2, 2..3, 1..1, 2..9];
    assert_eq!(ranges.map(|range| failed.any_in(range)), [false, true, true, false, false, false]);
}

/// Returns the key of an item that lies in three copies.
fn copied() -> Key {
    Key::copied(3, &["TERMS", "t"], &["TERMS"])
}

/// Returns the partition keys of the actions of a transaction, in their order.
async fn partitions(transaction: &Transaction) -> Vec<String> {
    let actions = actions(transaction).await;
    let actions = actions.as_array().into_iter().flatten().filter_map(Value::as_object);
    let partition = |action: &Value| {
        let pk = action.pointer("/Key/PK/S").or_else(|| action.pointer("/Item/PK/S"));
        pk.and_then(Value::as_str).map(str::to_owned)
    };
    actions.flat_map(|action| action.values().filter_map(partition)).collect()
}

const ALL: [&str; 3] = ["TERMS#t", "TERMS#t#COPY#1", "TERMS#t#COPY#2"];

#[tokio::test(start_paused = true)]
async fn a_change_is_that_of_all_copies() {
    let of_all = [
        transaction(|it| it.create(NewItem::new(&copied(), "Terms"))),
        transaction(|it| it.update(Update::new(copied(), Condition::Exists))),
        transaction(|it| it.delete(copied(), Condition::Exists)),
    ];
    for changes in of_all {
        assert_eq!(partitions(&changes).await, ALL);
        assert_eq!((changes.len(), changes.changed_keys()), (3, vec![copied()]));
    }
}

/// The random source of this test returns one number after the other.
#[tokio::test(start_paused = true)]
async fn a_check_is_that_of_a_random_copy() {
    let check = transaction(|it| it.check(copied(), Condition::Exists));
    let next = std::sync::atomic::AtomicU64::new(0);
    let counting = Random::from_fn(move || {
        u128::from(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).to_le_bytes()
    });
    let wire = Wire::new(|_| Answer::Done);
    let table = wire.table("checks", counting);
    for _ in 0..12 {
        assert!(table.transact(seconds(1), &check).await.is_ok());
    }
    let partition = |body: &Value| body["TransactItems"][0]["ConditionCheck"]["Key"]["PK"]["S"].clone();
    let bodies = wire.bodies();
    let seen: BTreeSet<String> =
        bodies.iter().filter_map(|body| partition(body).as_str().map(str::to_owned)).collect();
    assert_eq!(seen, ALL.map(str::to_owned).into());
    assert!(bodies.iter().all(|body| body["TransactItems"].as_array().map(Vec::len) == Some(1)));
}

/// 2026-01-01T00:00:00Z is 1,767,225,600,000 ms after 1970.
#[tokio::test(start_paused = true)]
async fn a_check_of_a_copy_fails_while_a_change_holds_it() {
    let check = transaction(|it| it.check(copied(), Condition::Text("termsVersion", "1".to_owned())));
    let check = actions(&check).await[0]["ConditionCheck"].clone();
    let expected = "(attribute_exists(#PK) AND attribute_not_exists(#deletion) AND #termsVersion = :v0) AND \
                    (attribute_not_exists(#heldUntil) OR #heldUntil < :v1)";
    assert_eq!(check["ConditionExpression"], expected);
    let values = json!({":v0": {"S": "1"}, ":v1": {"N": "1767225600000"}});
    assert_eq!(check["ExpressionAttributeValues"], values);
}

#[tokio::test(start_paused = true)]
async fn a_change_ends_the_hold_of_every_copy() {
    let change = transaction(|it| it.update(Update::new(copied(), Condition::Exists)));
    for update in actions(&change).await.as_array().expect("actions") {
        let expression = update["Update"]["UpdateExpression"].as_str().expect("an expression");
        assert!(expression.ends_with(" REMOVE #heldUntil"), "{expression}");
    }
}

#[test]
fn an_action_on_copies_fails_if_one_of_them_does() {
    let mut changes = Transaction::new(&stamp());
    let of_copies = changes.update(Update::new(copied(), Condition::Exists));
    let last = changes.delete(key(), Condition::Exists);
    for failed in 0..3 {
        let mut conditions = vec![None; 4];
        conditions[failed] = Some(FailedCondition { item: None });
        let failed = FailedConditions(conditions);
        assert_eq!([of_copies, last].map(|index| failed.at(index).is_some()), [true, false]);
    }
    let failed = FailedConditions(vec![None, None, None, Some(FailedCondition { item: None })]);
    assert_eq!([of_copies, last].map(|index| failed.at(index).is_some()), [false, true]);
}

#[test]
fn copies_count_towards_the_maximum_of_a_transaction() {
    let mut full = transaction(|it| {
        for number in 0..98 {
            it.check(numbered(number), Condition::Exists);
        }
    });
    assert!(!full.append(&transaction(|it| it.delete(copied(), Condition::Exists))));
    assert!(full.append(&transaction(|it| it.check(copied(), Condition::Exists))));
    assert_eq!(full.len(), 99);
}

#[test]
fn a_thing_in_copies_counts_as_one_deletion() {
    assert_eq!(transaction(|it| it.delete(copied(), Condition::Exists)).deletions(), 1);
}
