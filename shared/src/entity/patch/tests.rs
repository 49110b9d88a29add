use serde_json::json;

use super::super::tests::{Thing, full, invalid, least, members, read, settings};
use super::*;
use crate::entity::{Fixed, Text};
use crate::ids::{ClientExtId, UserExtId};

fn patched(present: &Value, body: &Value) -> Result<Value, ApiError> {
    let settings = settings();
    let patch = Patch::read::<Thing>(members(body), &settings, "1", BodyVersion::Allowed)?;
    Ok(patch.apply(&read(present).expect("valid"))?.show())
}

fn shown(body: &Value) -> Value {
    read(body).expect("valid").show()
}

#[test]
fn omitted_members_remain_and_null_removes() {
    assert_eq!(patched(&full(), &json!({})), Ok(shown(&full())));
    let mut expected = shown(&full());
    for name in ["remark", "count", "begun", "tags"] {
        expected.as_object_mut().expect("an object").remove(name);
    }
    expected["texts"] = json!({"DE": "y"});
    expected["code"] = json!("b");
    let body = json!({
        "remark": null, "count": null, "begun": null, "tags": null, "texts": {"EN": null, "DE": "y"}, "code": "b",
    });
    assert_eq!(patched(&full(), &body), Ok(expected));
}

#[test]
fn invalid_members_are_reported_without_the_present_entity() {
    let body = json!({"name": null, "code": "abcd", "active": 1, "version": "0", "extId": 1, "other": 1});
    let names = ["active", "code", "extId", "name", "other", "version"];
    assert_eq!(patched(&least(), &body), Err(invalid(&names)));
    let settings = settings();
    let unknown = Patch::read::<Thing>(members(&json!({"version": 0})), &settings, "1", BodyVersion::Unknown);
    assert_eq!(unknown.err(), Some(invalid(&["version"])));
}

#[test]
fn another_ext_id_is_rejected() {
    assert_eq!(patched(&least(), &json!({"extId": "1"})), Ok(shown(&least())));
    assert_eq!(patched(&least(), &json!({"extId": "2"})), Err(ApiError::ModifyExtId));
}

#[test]
fn the_body_may_name_a_version() {
    let settings = settings();
    let version = |body: &Value| {
        let patch = Patch::read::<Thing>(members(body), &settings, "1", BodyVersion::Allowed);
        patch.expect("valid").version()
    };
    assert_eq!(version(&json!({})), None);
    assert_eq!(version(&json!({"version": 7})), Some(7));
    assert_eq!(version(&json!({"version": 7.0})), Some(7));
}

crate::entity! {
    /// A thing of which some members are set at creation.
    struct Placed [owner: ClientExtId = "ownerExtId", "Owner."; ext_id: UserExtId = "extId", "External identifier."] {
        place: Fixed<Option<Text<1, 9>>> = "place", "Place.";
        name: Text<1, 9> = "name", "Name.";
    }
}

#[test]
fn a_change_leads_to_no_other_identifiers_and_members_that_are_set_at_creation() {
    let placed = |owner: &str, ext_id: &str, place: Option<&str>, name: &str| Placed {
        owner: ClientExtId::unchecked(owner),
        ext_id: UserExtId::unchecked(ext_id),
        place: Fixed(place.map(Text::from)),
        name: name.into(),
    };
    let present = placed("o", "i", Some("p"), "n");
    let rejected = |next: &Placed| require_changeable(&present, next);
    assert_eq!(rejected(&placed("o", "i", Some("p"), "m")), Ok(()));
    assert_eq!(rejected(&placed("o", "j", Some("p"), "n")), Err(ApiError::ModifyExtId));
    assert_eq!(rejected(&placed("o", "j", None, "n")), Err(invalid(&["place"])));
    assert_eq!(rejected(&placed("a", "i", Some("q"), "n")), Err(invalid(&["ownerExtId", "place"])));
}
