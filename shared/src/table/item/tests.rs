//! Tests that items are read as written, and that an attribute of another type is corrupt and not
//! treated as missing.

use serde_json::json;

use super::*;
use crate::table::attribute::number;
use crate::table::new_item::{NewItem, Stamped};
use crate::table::tests::stamp;

fn item() -> NewItem {
    NewItem::new(&Key::new(&["USER", "100", "u"], &["USER"]), "user")
}

#[test]
fn items_are_read_as_written() {
    let texts = BTreeMap::from([("EN".to_owned(), "a".to_owned()), ("DE".to_owned(), String::new())]);
    let set = BTreeSet::from(["x".to_owned(), "y".to_owned()]);
    let item = item()
        .with_text("text", "t")
        .with_optional_text("some", Some("s"))
        .with_optional_text("none", None)
        .with_number("number", u64::MAX)
        .with_flag("flag", false)
        .with_texts("texts", &texts)
        .with_set("set", &set)
        .with_set("empty", &BTreeSet::new());
    let item = item.as_stored(&stamp());
    assert_eq!(item.key(), Ok(Key::new(&["USER", "100", "u"], &["USER"])));
    assert_eq!((item.text("text"), item.optional_text("some")), (Ok("t"), Ok(Some("s"))));
    assert_eq!((item.optional_text("none"), item.optional_number("none")), (Ok(None), Ok(None)));
    assert_eq!((item.number("number"), item.flag("flag")), (Ok(u64::MAX), Ok(false)));
    assert_eq!((item.texts("texts"), item.texts("none")), (Ok(texts), Ok(BTreeMap::new())));
    assert_eq!((item.set("set"), item.set("empty")), (Ok(set), Ok(BTreeSet::new())));
    assert_eq!((item.text(ENTITY_TYPE), item.number(VERSION)), (Ok("user"), Ok(0)));
}

#[test]
fn an_item_with_the_identifier_of_a_deletion_is_being_deleted() {
    let present = item().as_stored(&stamp());
    let deleted = item().with_text(DELETION, "d").as_stored(&stamp());
    assert_eq!([present, deleted].map(|item| item.is_being_deleted()), [false, true]);
}

#[test]
fn items_have_only_the_stamp_of_their_transaction() {
    let forged = item().with_text("created", "2000-01-01T00:00:00Z").with_text("modifiedBy", "200/other");
    assert_eq!(forged.as_stored(&stamp()), item().as_stored(&stamp()));
}

#[test]
fn missing_attributes_and_other_types_are_corrupt() {
    let corrupt = TableError::Corrupt;
    let item =
        item().with_text("text", "t").with_number("number", 1).with_flag("flag", true).as_stored(&stamp());
    assert_eq!(item.text("absent"), Err(corrupt));
    assert_eq!(item.number("absent"), Err(corrupt));
    assert_eq!(item.flag("absent"), Err(corrupt));
    assert_eq!((item.text("number"), item.optional_text("flag")), (Err(corrupt), Err(corrupt)));
    assert_eq!((item.number("text"), item.optional_number("text")), (Err(corrupt), Err(corrupt)));
    assert_eq!(
        (item.flag("text"), item.texts("text"), item.set("text")),
        (Err(corrupt), Err(corrupt), Err(corrupt))
    );
    for digits in ["-1", "1.5", "1e3", "18446744073709551616"] {
        let number = HashMap::from([("number".to_owned(), AttributeValue::N(digits.to_owned()))]);
        assert_eq!(Item::from_attributes(number).number("number"), Err(corrupt), "{digits}");
    }
    let mixed =
        HashMap::from([("a".to_owned(), AttributeValue::S(String::new())), ("b".to_owned(), number(1))]);
    let mixed = Item::from_attributes(HashMap::from([("texts".to_owned(), AttributeValue::M(mixed))]));
    assert_eq!(mixed.texts("texts"), Err(corrupt));
    assert_eq!(Item::from_attributes(HashMap::new()).key(), Err(corrupt));
}

#[test]
fn responses_have_the_history_of_the_item_without_names() {
    let body = item().as_stored(&stamp()).with_history(json!({"extId": "u"}));
    let moment = "2026-01-01T00:00:00Z";
    assert_eq!(body, Ok(json!({"extId": "u", "created": moment, "lastModified": moment, "version": 0})));
    assert_eq!(Item::from_attributes(HashMap::new()).with_history(json!({})), Err(TableError::Corrupt));
}

/// Returns a copy of an item that lies in four, as it is in the table.
fn copy(number: u64) -> Item {
    let item =
        NewItem::new(&Key::copied(4, &["CLIENT", "100"], &["CLIENT"]), "Client").with_text("name", "a");
    Item::from_attributes(item.attributes(number, &Stamped::new(&stamp())))
}

#[test]
fn copies_differ_in_their_partition_alone() {
    let key = Key::copied(4, &["CLIENT", "100"], &["CLIENT"]);
    for number in 0..4 {
        let copy = copy(number);
        assert_eq!((copy.key(), copy.copy_number()), (Ok(key.clone()), Ok(number)));
        assert_eq!(copy.shared_attributes(), self::copy(0).shared_attributes());
    }
    assert!(copy(1).shared_attributes().contains_key("name"));
    assert_ne!(copy(1), copy(2));
}

/// A client can have the external identifier `COPY`, and its user the external identifier `3`.
#[test]
fn only_an_item_with_a_number_of_copies_is_a_copy() {
    let key = Key::new(&["USER", "COPY", "3"], &["USER"]);
    let item = NewItem::new(&key, "User").as_stored(&stamp());
    assert_eq!((item.key(), item.copy_number()), (Ok(key), Ok(0)));
    assert!(!item.has("copies"));
}

#[test]
fn a_hold_is_that_of_one_copy() {
    let mut held = copy(1);
    held.set_attribute("heldUntil", Some(number(7)));
    assert_eq!(held.shared_attributes(), copy(1).shared_attributes());
}
