//! Tests that each declared field is read, merged, stored, loaded, shown and described.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, json};

use super::schema::ObjectSchema;
use super::*;
use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::json::parse_object;
use crate::ids::{ClientExtId, UserExtId};
use crate::policy::{DEFAULT_MAX_LENGTH, DEFAULT_PATTERN, NamingPolicy, Settings};
use crate::table::tests::stamp;
use crate::table::{Condition, Key};

crate::names! {
    /// A colour.
    pub(super) enum Colour { Red = "red", Blue = "blue" }
}

crate::entity! {
    /// A thing with a field of each type.
    pub(super) struct Thing [ext_id: ClientExtId = "extId", "External identifier."] {
        name: Name = "name", "Name.";
        owner: UserExtId = "ownerExtId", "Owner.";
        colour: Colour = "colour", "Colour.";
        remark: Option<Text<0, 5>> = "remark", "Remark.";
        code: Text<1, 3> = "code", "Code.";
        texts: LocalizedText = "texts", "Texts.";
        urls: TextMap = "urls", "Addresses.";
        active: bool = "active", "Whether it is active.";
        count: Option<u64> = "count", "Count.";
        begun: Option<Timestamp> = "begun", "Begun.";
        tags: BTreeSet<String> = "tags", "Tags.";
        note: NotReturned<Remark> = "note", "Note.";
    }
}

crate::entity! {
    /// A thing with fields that are shown to others, and with fields that are not.
    #[derive(Default)]
    pub(super) struct Discreet {
        shown: Option<Remark> = "shown", "Shown.", disclosed;
        hidden: Option<Remark> = "hidden", "Hidden.";
        inner: Inner = "inner", "Shown in part.", disclosed;
        internal: NotReturned<Remark> = "internal", "Shown, but not in responses.", disclosed;
    }
}

crate::entity! {
    /// An object within a thing.
    #[derive(Default)]
    pub(super) struct Inner {
        shown: Option<Remark> = "shown", "Shown.", disclosed;
        hidden: Option<Remark> = "hidden", "Hidden.";
    }
}

impl Object for Inner {
    const SCHEMA: &'static ObjectSchema =
        &ObjectSchema { name: "Inner", description: "An object.", parts: &[<Self as Entity>::SHOWN] };
}

#[test]
fn only_fields_that_are_declared_so_are_disclosed() {
    let settings = settings();
    let body = json!({"shown": "a", "hidden": "b", "inner": {"shown": "c", "hidden": "d"}, "internal": "e"});
    let thing = Discreet::read(&mut Fields::new(members(&body), &settings), ());
    let expected = [("shown", json!("a")), ("inner", json!({"shown": "c"})), ("internal", json!("e"))];
    assert_eq!(thing.disclosed_members(), expected);
    let names: Vec<&str> = Discreet::DISCLOSED.iter().map(|field| field.name).collect();
    assert_eq!(names, ["shown", "inner", "internal"]);
    assert!(Discreet::DISCLOSED.iter().all(|field| field.kind != FieldKind::Absent));
    // An object of which nothing is shown is no member.
    let body = json!({"inner": {"hidden": "d"}});
    let thing = Discreet::read(&mut Fields::new(members(&body), &settings), ());
    assert_eq!(thing.disclosed_members(), []);
    assert!(!Thing::DISCLOSED.iter().any(|_| true));
}

const LOCALIZED: FieldKind = FieldKind::LocalizedText { lower_case: false };

pub(super) fn settings() -> Settings {
    Settings {
        multi_client_mode: true,
        naming_policy: NamingPolicy::new(DEFAULT_PATTERN, DEFAULT_MAX_LENGTH),
        languages: vec!["EN".to_owned(), "DE".to_owned()],
        default_application: String::new(),
        mandatory_user_fields: Vec::new(),
        msisdn_pattern: crate::policy::DEFAULT_MSISDN_PATTERN.to_owned(),
        unique_user_fields: Vec::new(),
    }
}

pub(super) fn members(text: &Value) -> Map<String, Value> {
    parse_object(text.to_string().as_bytes()).expect("an object")
}

pub(super) fn read(body: &Value) -> Result<Thing, ApiError> {
    let settings = settings();
    let mut fields = Fields::new(members(body), &settings);
    let thing = Thing::read(&mut fields, (ClientExtId::unchecked("1"),));
    fields.finish().map(|()| thing)
}

fn merged(thing: &Thing, body: &Value) -> Result<Thing, ApiError> {
    let settings = settings();
    let mut fields = Fields::new(members(body), &settings);
    let mut thing = thing.clone();
    thing.merge(&mut fields);
    fields.finish().map(|()| thing)
}

pub(super) fn least() -> Value {
    json!({"name": "n", "ownerExtId": "u", "colour": "red", "code": "abc", "active": false})
}

pub(super) fn full() -> Value {
    json!({
        "name": "n", "ownerExtId": "u", "colour": "blue", "remark": "", "code": "a", "texts": {"EN": "x"},
        "urls": {"any": "https://id.example"}, "active": true, "count": 0, "begun": "2026-01-01T00:00:00Z",
        "tags": ["a", "b"],
    })
}

pub(super) fn invalid(names: &[&str]) -> ApiError {
    ApiError::InvalidFields(names.iter().map(ToString::to_string).collect())
}

#[test]
fn values_are_shown_stored_and_loaded_as_read() {
    let shown_least = json!({
        "extId": "1", "name": "n", "ownerExtId": "u", "colour": "red", "code": "abc", "texts": {}, "urls": {}, "active": false,
    });
    let mut shown_full = full();
    shown_full["extId"] = json!("1");
    for (body, shown) in [(least(), shown_least), (full(), shown_full)] {
        let thing = read(&body).expect("valid");
        assert_eq!(thing.show(), shown);
        let item = thing.store(NewItem::new(&Key::new(&["A"], &["A"]), "Thing")).as_stored(&stamp());
        assert_eq!(Thing::load(&item), Ok(thing));
    }
    let members = read(&full()).expect("valid").members();
    assert_eq!(members[..2], [("name", json!("n")), ("ownerExtId", json!("u"))]);
    assert_eq!(read(&least()).expect("valid").key_members(), [("extId", json!("1"))]);
}

#[test]
fn all_invalid_fields_are_reported_in_alphabetical_order() {
    let body = json!({
        "name": "", "colour": 1, "remark": "123456", "code": "", "active": "true", "count": -1,
        "texts": {"EN": 1, "FR": "x", "DE": null}, "urls": {"any": ""}, "begun": "today", "tags": ["a", "a"],
        "unknown": 1,
    });
    let names = [
        "active",
        "begun",
        "code",
        "colour",
        "count",
        "name",
        "ownerExtId",
        "remark",
        "tags",
        "texts.EN",
        "texts.FR",
        "unknown",
        "urls.any",
    ];
    assert_eq!(read(&body), Err(invalid(&names)));
}

#[test]
fn an_unknown_name_is_reported_before_the_naming_policy() {
    let mut body = least();
    body["colour"] = json!("green");
    body["name"] = json!("a b");
    let unknown = ApiError::InvalidName { kind: "Colour", value: "green".to_owned() };
    assert_eq!(read(&body), Err(unknown));
    body["colour"] = json!("red");
    assert!(matches!(read(&body), Err(ApiError::NamingPolicy(violations)) if violations.len() == 1));
}

#[test]
fn a_merge_keeps_omitted_members_and_removes_null_ones() {
    let thing = read(&full()).expect("valid");
    assert_eq!(merged(&thing, &json!({})), Ok(thing.clone()));
    let nulls =
        json!({"remark": null, "count": null, "begun": null, "texts": null, "urls": null, "tags": null});
    let mut expected = full();
    for name in ["remark", "count", "begun", "tags"] {
        expected.as_object_mut().expect("an object").remove(name);
    }
    expected["texts"] = json!({});
    expected["urls"] = json!({});
    expected["extId"] = json!("1");
    assert_eq!(merged(&thing, &nulls).map(|thing| thing.show()), Ok(expected));
    let required = ["name", "ownerExtId", "colour", "code", "active"];
    for name in required {
        assert_eq!(merged(&thing, &json!({name: null})), Err(invalid(&[name])), "{name}");
    }
}

#[test]
fn texts_merge_by_language() {
    let thing = read(&full()).expect("valid");
    let merge =
        |texts: Value| merged(&thing, &json!({"texts": texts})).map(|thing| thing.show()["texts"].take());
    assert_eq!(merge(json!({"DE": "y"})), Ok(json!({"EN": "x", "DE": "y"})));
    assert_eq!(merge(json!({"EN": null, "DE": "y"})), Ok(json!({"DE": "y"})));
    assert_eq!(merge(json!({})), Ok(json!({"EN": "x"})));
    assert_eq!(merge(json!({"FR": "y"})), Err(invalid(&["texts.FR"])));
    assert_eq!(merge(json!("y")), Err(invalid(&["texts"])));
}

#[test]
fn an_update_contains_only_changed_fields() {
    let thing = read(&full()).expect("valid");
    let update = || Update::new(Key::new(&["A"], &["A"]), Condition::Any);
    assert_eq!(thing.update(&thing, update()), update());
    let changed = merged(&thing, &json!({"code": "b", "count": null})).expect("valid");
    let expected = update().set("code", Some(crate::table::attribute::text("b"))).set("count", None);
    assert_eq!(changed.update(&thing, update()), expected);
}

#[test]
fn a_value_that_is_not_returned_is_stored_and_a_member() {
    let mut body = least();
    body["note"] = json!("a");
    let thing = read(&body).expect("valid");
    assert_eq!(thing.show(), read(&least()).expect("valid").show());
    assert_eq!(thing.members().last(), Some(&("note", json!("a"))));
    let item = thing.store(NewItem::new(&Key::new(&["A"], &["A"]), "Thing")).as_stored(&stamp());
    assert_eq!(Thing::load(&item), Ok(thing));
}

#[test]
fn every_field_is_described() {
    let described = |fields: &[Field]| -> BTreeMap<&'static str, (bool, FieldKind)> {
        fields.iter().map(|field| (field.name, (field.required, field.kind))).collect()
    };
    let (body, shown) = (described(Thing::BODY), described(Thing::SHOWN));
    assert_eq!(body.len(), 12);
    assert_eq!(body["note"], (false, Remark::KIND));
    assert_eq!(shown["note"], (false, FieldKind::Absent));
    assert_eq!(body["code"], (true, FieldKind::Text { min: 1, max: 3 }));
    assert_eq!(body["colour"], (true, FieldKind::Enum(&["red", "blue"])));
    assert_eq!((body["texts"], shown["texts"]), ((false, LOCALIZED), (true, LOCALIZED)));
    assert_eq!(shown["count"], (false, FieldKind::UnsignedInteger));
}

#[test]
fn an_omitted_identifier_is_generated() {
    let settings = settings();
    let ext_id = |body: Value| {
        let mut fields = Fields::new(members(&body), &settings);
        let ext_id: ClientExtId = fields.ext_id_or("extId", || "generated".to_owned());
        fields.finish().map(|()| ext_id.to_string())
    };
    assert_eq!(ext_id(json!({"extId": "a"})), Ok("a".to_owned()));
    assert_eq!(ext_id(json!({"extId": null})), Ok("generated".to_owned()));
    assert_eq!(ext_id(json!({"extId": ""})), Err(invalid(&["extId"])));
    assert!(matches!(ext_id(json!({"extId": ".."})), Err(ApiError::NamingPolicy(_))));
}
