use serde_json::json;

use super::super::tests::{invalid, members, settings};
use super::super::{BodyVersion, Name, NotReturned, Patch, Text};
use super::*;
use crate::error::ApiError;
use crate::table::tests::stamp;
use crate::table::{Condition, Key, Update};

crate::names! {
    /// A colour.
    enum Colour { Red = "red", Blue = "blue" }
}

crate::entity! {
    /// The members of the inner object.
    #[derive(Default)]
    struct Inner {
        b: Option<Text<1, 3>> = "b", "A text.";
        c: Option<Text<1, 3>> = "c", "Another text.";
        bb: Innermost = "bb", "An object.";
        secret: NotReturned<Text<1, 3>> = "secret", "A text that is not returned.";
        colour: Option<Colour> = "colour", "A colour.";
        name: Option<Name> = "name", "A name.";
    }
}

crate::entity! {
    /// The members of the innermost object.
    #[derive(Default)]
    struct Innermost {
        ccc: Option<Text<1, 3>> = "ccc", "A text.";
    }
}

crate::entity! {
    /// A thing with objects.
    struct Thing {
        a: Inner = "a", "An object.";
        validity: Validity = "validity", "A period.";
    }
}

impl Object for Inner {
    const SCHEMA: &'static ObjectSchema =
        &ObjectSchema { name: "Inner", description: "An object.", parts: &[<Self as Entity>::SHOWN] };
}

impl Object for Innermost {
    const SCHEMA: &'static ObjectSchema =
        &ObjectSchema { name: "Innermost", description: "An object.", parts: &[<Self as Entity>::SHOWN] };
}

fn read(body: &Value) -> Result<Thing, ApiError> {
    let settings = settings();
    let mut fields = Fields::new(members(body), &settings);
    let thing = <Thing as Entity>::read(&mut fields, ());
    fields.finish().map(|()| thing)
}

fn patched(present: &Value, body: &Value) -> Result<Value, ApiError> {
    let settings = settings();
    let patch = Patch::read::<Thing>(members(body), &settings, "1", BodyVersion::Allowed)?;
    Ok(patch.apply(&read(present).expect("valid"))?.show())
}

#[test]
fn objects_are_shown_stored_and_loaded_as_read() {
    let full = json!({
        "a": {"b": "x", "c": "y", "bb": {"ccc": "z"}, "colour": "blue", "name": "n"},
        "validity": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
    });
    let mut with_secret = full.clone();
    with_secret["a"]["secret"] = json!("s");
    let empty = json!({});
    let nulls = json!({"a": {"b": null, "bb": {}}, "validity": null});
    for (body, shown) in [(&full, &full), (&with_secret, &full), (&empty, &empty), (&nulls, &empty)] {
        let thing = read(body).expect("valid");
        assert_eq!(thing.show(), *shown, "{body}");
        let item = thing.store(NewItem::new(&Key::new(&["A"], &["A"]), "Thing")).as_stored(&stamp());
        assert_eq!(Thing::load(&item), Ok(thing), "{body}");
        assert_eq!((item.has("a"), item.has("validity")), (shown == &full, shown == &full), "{body}");
    }
}

#[test]
fn an_object_is_stored_as_a_map() {
    let thing = read(&json!({"a": {"b": "x", "bb": {"ccc": "z"}}})).expect("valid");
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let map = |entries: [(&str, AttributeValue); 1]| {
        AttributeValue::M(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let AttributeValue::M(mut expected) = map([("b", text("x"))]) else { panic!("a map") };
    expected.insert("bb".to_owned(), map([("ccc", text("z"))]));
    assert_eq!(thing.a.attribute(), Some(AttributeValue::M(expected)));
    assert_eq!(Inner::default().attribute(), None);
    let corrupt = NewItem::new(&Key::new(&["A"], &["A"]), "Thing").with_text("a", "text");
    assert_eq!(Thing::load(&corrupt.as_stored(&stamp())), Err(TableError::Corrupt));
}

#[test]
fn invalid_members_are_reported_with_the_name_of_their_object() {
    for (body, names) in [
        (
            json!({"a": {"b": 1, "c": "", "bb": {"ccc": "long", "d": 1}, "d": null}, "e": 1}),
            &["a.b", "a.bb.ccc", "a.bb.d", "a.c", "a.d", "e"][..],
        ),
        (json!({"a": [], "validity": "2026-01-01T00:00:00Z"}), &["a", "validity"]),
        (json!({"a": {"bb": true}, "validity": {"from": "today"}}), &["a.bb", "validity.from"]),
        (json!({"b": "x", "a": {"a": {}}}), &["a.a", "b"]),
    ] {
        assert_eq!(read(&body), Err(invalid(names)), "{body}");
        assert_eq!(patched(&json!({}), &body), Err(invalid(names)), "{body}");
    }
    let unknown = ApiError::InvalidName { kind: "Colour", value: "green".to_owned() };
    assert_eq!(read(&json!({"a": {"colour": "green", "name": "a b"}})), Err(unknown));
    let naming = read(&json!({"a": {"name": "a b"}}));
    assert!(matches!(naming, Err(ApiError::NamingPolicy(violations)) if violations.len() == 1));
}

/// The examples of RFC 7396, appendix A, as far as typed members can be changed like this. An object without
/// members is the same as none.
#[test]
fn objects_merge_by_member() {
    for (present, patch, result) in [
        (json!({"b": "b"}), json!({"b": "c"}), json!({"b": "c"})),
        (json!({"b": "b"}), json!({"c": "c"}), json!({"b": "b", "c": "c"})),
        (json!({"b": "b"}), json!({"b": null}), json!({})),
        (json!({"b": "b", "c": "c"}), json!({"b": null}), json!({"c": "c"})),
        (json!({"bb": {"ccc": "c"}}), json!({"bb": {"ccc": "d", }, "b": null}), json!({"bb": {"ccc": "d"}})),
        (json!({"b": "b"}), json!({}), json!({"b": "b"})),
        (json!({}), json!({"b": "b", "c": null}), json!({"b": "b"})),
        (json!({}), json!({"bb": {"ccc": null}}), json!({})),
        (json!({"b": "b", "bb": {"ccc": "c"}}), json!({"bb": null}), json!({"b": "b"})),
    ] {
        let members_of = |inner: &Value| if *inner == json!({}) { json!({}) } else { json!({"a": inner}) };
        let found = patched(&members_of(&present), &json!({"a": patch}));
        assert_eq!(found, Ok(members_of(&result)), "{present} {patch}");
    }
    let present = json!({"a": {"b": "b", "bb": {"ccc": "c"}}});
    assert_eq!(patched(&present, &json!({})), Ok(present.clone()));
    assert_eq!(patched(&present, &json!({"a": null})), Ok(json!({})));
    assert_eq!(patched(&present, &json!({"a": "bar"})), Err(invalid(&["a"])));
}

#[test]
fn a_period_ends_not_before_it_begins() {
    const EARLY: &str = "2026-01-01T00:00:00Z";
    const LATE: &str = "2026-01-01T00:00:00.001Z";
    for validity in
        [json!({"from": EARLY, "to": LATE}), json!({"from": EARLY, "to": EARLY}), json!({"to": EARLY})]
    {
        let body = json!({"validity": validity});
        assert_eq!(patched(&json!({}), &body), Ok(body.clone()), "{body}");
    }
    let period = |from: &str, to: &str| json!({"validity": {"from": from, "to": to}});
    let refused = Err(invalid(&["validity"]));
    assert_eq!(read(&period(LATE, EARLY)).map(|thing| thing.show()), refused);
    // A patch is decided on with the members that remain.
    let begins_late = json!({"validity": {"from": LATE}});
    assert_eq!(patched(&begins_late, &json!({"validity": {"to": EARLY}})), refused);
    assert_eq!(patched(&begins_late, &period(EARLY, EARLY)), Ok(period(EARLY, EARLY)));
    // An invalid member is reported alone.
    let unreadable = json!({"validity": {"from": "today", "to": "1969-01-01T00:00:00Z"}});
    assert_eq!(read(&unreadable), Err(invalid(&["validity.from"])));
}

#[test]
fn an_update_replaces_the_object_that_changed() {
    let [present, next] = [json!({"a": {"b": "b"}}), json!({"a": {"b": "b", "c": "c"}})]
        .map(|body| read(&body).expect("valid"));
    let update = || Update::new(Key::new(&["A"], &["A"]), Condition::Any);
    assert_eq!(next.update(&present, update()), update().set("a", next.a.attribute()));
    let none = read(&json!({})).expect("valid");
    assert_eq!(none.update(&present, update()), update().set("a", None));
}

#[test]
fn an_object_is_described_by_its_members() {
    let described = &Thing::BODY[0];
    assert_eq!((described.name, described.required, described.nullable), ("a", false, true));
    assert_eq!(described.kind, FieldKind::Object(Inner::SCHEMA));
    assert_eq!(Thing::SHOWN[1].kind, FieldKind::Object(Validity::SCHEMA));
    assert!(!Thing::SHOWN[1].required);
    let names: Vec<&str> = Inner::SCHEMA.fields().map(|field| field.name).collect();
    assert_eq!(names, ["b", "c", "bb", "colour", "name"]);
}
