//! The rules of property definitions, and the right that overrides them.

use functions::properties::{Definition, PropertyAccess, Uniqueness};
use serde_json::{Value, json};

use super::{BY, ENTRY, KEY, PATH, changed, entry_key, patch};
use crate::support::answer::refused_for;
use crate::support::caller::ROOT;
use crate::support::items::Changes;
use crate::support::properties::OfClient as _;
use crate::support::{Answer, Caller, World, ok_at, refused};

fn read_only(name: &str) -> (&'static str, String) {
    ("errors.modifyReadonlyData", format!("Property '{name}' is read-only."))
}

fn off(name: &str) -> (&'static str, String) {
    ("errors.attrAccessForbidden", format!("Access to property '{name}' is forbidden."))
}

fn refusal(status: u16, errors: &[(&'static str, String)]) -> Answer {
    let errors: Vec<(&str, &str)> = errors.iter().map(|(code, message)| (*code, message.as_str())).collect();
    refused_for(status, &errors)
}

/// A name that no property can have is not an error in the body: the property does not exist.
#[tokio::test]
async fn a_property_with_an_impossible_name_does_not_exist() {
    let world = World::furnished().await;
    let long = "a".repeat(20_000);
    for name in ["", " ", "*", "..", "a#b", "*#nickname", "a\u{0}b", "\u{202e}", &long] {
        let message = format!("No property exists with the name '{name}' for the scope.");
        let call = patch(&world, json!({name: "a"}));
        call.expect_unchanged(refused(422, "errors.invalidData", &message)).await;
    }
}

#[tokio::test]
async fn a_read_only_property_cannot_be_changed() {
    let world = World::furnished().await;
    for value in [json!("7"), Value::Null, json!("")] {
        let call = patch(&world, json!({"{badge}": value}));
        call.expect_unchanged(refusal(422, &[read_only("badge")])).await;
    }
}

#[tokio::test]
async fn a_property_that_is_off_cannot_be_changed() {
    let world = World::furnished().await;
    for value in [json!("7"), Value::Null, json!("")] {
        let call = patch(&world, json!({"{secret}": value}));
        call.expect_unchanged(refusal(403, &[off("secret")])).await;
    }
}

/// The access is checked before the rules on the value.
#[tokio::test]
async fn access_is_checked_before_the_value() {
    let world = World::furnished().await;
    for (name, access, status, error) in [
        ("strict-a", PropertyAccess::ReadOnly, 422, read_only("strict-a")),
        ("strict-b", PropertyAccess::Off, 403, off("strict-b")),
    ] {
        let strict = Definition {
            access: Some(access),
            max_length: Some(1),
            pattern: Some("[0-9]".into()),
            ..world.property(&format!("{{{name}}}"))
        };
        world.put(|transaction| strict.create(transaction)).await;
        let call = patch(&world, json!({format!("{{{name}}}"): "too long"}));
        call.expect_unchanged(refusal(status, &[error])).await;
    }
}

/// The checks are in this order: length, pattern, allowed values, uniqueness.
#[tokio::test]
async fn the_rules_on_a_value_are_checked_in_order() {
    let world = World::furnished().await;
    let strict = Definition {
        max_length: Some(3),
        pattern: Some("[a-z]+".into()),
        value_type: functions::properties::ValueType::Enum,
        allowed_values: ["abc", "long"].map(str::to_owned).into(),
        uniqueness: Some(Uniqueness::Absolute),
        ..world.property("{strict}")
    };
    world.put(|transaction| strict.create(transaction)).await;
    for (value, code, message) in [
        ("long", "errors.property.stringmaxlen", "strict"),
        ("LONG", "errors.property.stringmaxlen", "strict"),
        ("ABC", "errors.property.stringregex", "strict"),
        ("abd", "errors.invalidData", "Value 'abd' is not allowed for property 'strict'."),
    ] {
        patch(&world, json!({"{strict}": value})).expect_unchanged(refused(422, code, message)).await;
    }
    assert_eq!(patch(&world, json!({"{strict}": "abc"})).send().await.status, 200);
}

#[tokio::test]
async fn the_length_is_counted_in_characters() {
    let world = World::furnished().await;
    let short = Definition { max_length: Some(3), ..world.property("{short}") };
    world.put(|transaction| short.create(transaction)).await;
    for value in ["äöü", "𝄞𝄞𝄞", "abc"] {
        assert_eq!(patch(&world, json!({"{short}": value})).send().await.status, 200, "{value}");
    }
    let expected = || refused(422, "errors.property.stringmaxlen", "short");
    for value in ["äöüa", "abcd"] {
        patch(&world, json!({"{short}": value})).expect_unchanged(expected()).await;
    }
}

#[tokio::test]
async fn the_default_maximum_length_is_4000_characters() {
    let world = World::furnished().await;
    let fits = "ä".repeat(4000);
    assert_eq!(patch(&world, json!({"{nickname}": fits})).send().await.status, 200);
    let expected = refused(422, "errors.property.stringmaxlen", "nickname");
    patch(&world, json!({"{nickname}": "ä".repeat(4001)})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn an_enum_accepts_only_its_allowed_values() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, json!({"{color}": "green"})).send().await.status, 200);
    for value in ["blue", "Green", "green ", "red,green"] {
        let message = format!("Value '{value}' is not allowed for property 'color'.");
        let call = patch(&world, json!({"{color}": value}));
        call.expect_unchanged(refused(422, "errors.invalidData", &message)).await;
    }
}

#[tokio::test]
async fn all_invalid_properties_are_reported_in_alphabetical_order() {
    let world = World::furnished().await;
    let body = json!({
        "{zzz}": "1", "{secret}": "1", "{nickname}": "Joe", "{employee_id}": "x", "{color}": "blue",
        "{badge}": "1", "{aaa}": "1",
    });
    let unknown =
        |name| ("errors.invalidData", format!("No property exists with the name '{name}' for the scope."));
    let errors = [
        unknown("aaa"),
        read_only("badge"),
        ("errors.invalidData", "Value 'blue' is not allowed for property 'color'.".to_owned()),
        ("errors.property.stringregex", "employee_id".to_owned()),
        off("secret"),
        unknown("zzz"),
    ];
    patch(&world, body).expect_unchanged(refusal(422, &errors)).await;
}

#[tokio::test]
async fn the_override_right_allows_changes_of_read_only_and_off_properties() {
    let world = World::furnished().await;
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.ClientRoot", None, None);
    let properties = json!({"employee_id": "1", "nickname": "Jo", "badge": "7", "secret": "s"});
    let [badge, secret] = ["{badge}", "{secret}"].map(|name| entry_key(&world, name));
    let changes = Changes::none()
        .changed(BY, KEY, 1, json!({"properties": properties}))
        .created(BY, [&badge[0], &badge[1]], ENTRY, json!({}))
        .created(BY, [&secret[0], &secret[1]], ENTRY, json!({}));
    let call = world.patch(PATH).by(&admin).json(json!({"{badge}": "7", "{secret}": "s"}));
    call.expect(ok_at(1, properties), changes).await;
    // The rules on the value still apply.
    let short =
        Definition { access: Some(PropertyAccess::Off), max_length: Some(1), ..world.property("{short}") };
    world.put(|transaction| short.create(transaction)).await;
    let call = world.patch(PATH).by(&admin).json(json!({"{short}": "ab"}));
    call.expect_unchanged(refused(422, "errors.property.stringmaxlen", "short")).await;
}

#[tokio::test]
async fn the_override_right_applies_only_within_its_data_room() {
    let world = World::furnished().await;
    let base = Caller::new("{client-123}", "admin").with("nevisIdm.UserAdmin", None, None);
    let callers = [
        ("over another client", base.clone().with(ROOT, Some(&["{client-456}"]), None)),
        ("over another unit", base.with(ROOT, None, Some(&["legal"]))),
    ];
    for (what, caller) in callers {
        let call = world.patch(PATH).by(&caller).json(json!({"{badge}": "7"}));
        assert_eq!(call.send().await, refusal(422, &[read_only("badge")]), "{what}");
    }
}

/// A definition of the client applies to that client only, and replaces the definition for all
/// clients.
#[tokio::test]
async fn a_definition_of_the_client_replaces_the_one_for_all_clients() {
    let world = World::furnished().await;
    let own = Definition { max_length: Some(2), ..world.property("{nickname}").of(&world.id("client-123")) };
    world.put(|transaction| own.create(transaction)).await;
    let expected = refused(422, "errors.property.stringmaxlen", "nickname");
    patch(&world, json!({"{nickname}": "Joe"})).expect_unchanged(expected).await;
    let properties = json!({"employee_id": "1", "nickname": "Al"});
    // The entry of the old value is that of the definition for all clients.
    let old = entry_key(&world, "{nickname}");
    let new = world.entry_key(&own, "{client-123}", "{user-123}");
    let changes = changed(1, json!({"properties": properties})).deleted([&old[0], &old[1]]).created(
        BY,
        [&new[0], &new[1]],
        ENTRY,
        json!({}),
    );
    patch(&world, json!({"{nickname}": "Al"})).expect(ok_at(1, properties), changes).await;

    world.put_mobile_signature("{client-456}", "{user-123}", &[]).await;
    let other = "/{client-456}/users/{user-123}/mobile-signature/properties";
    let call = world.patch(other).by(&Caller::root()).json(json!({"{nickname}": "Joe"}));
    assert_eq!(call.send().await, ok_at(1, json!({"nickname": "Joe"})));
    let message = "No property exists with the name 'department' for the scope.";
    let call = world.patch(other).by(&Caller::root()).json(json!({"{department}": "Sales"}));
    call.expect_unchanged(refused(422, "errors.invalidData", message)).await;
}

/// The table may contain definitions from before patterns were validated, or that bypassed the
/// import.
#[tokio::test]
async fn no_value_matches_an_unsupported_pattern() {
    let world = World::furnished().await;
    let (long, deep) = ("a".repeat(501), format!("{}a{}", "(".repeat(500), ")".repeat(500)));
    for (number, pattern) in ["(", "a)(a", "(?=a)", r"(?i)\pL{1000}", "((a{0,30}){0,30}){0,30}", &long, &deep]
        .into_iter()
        .enumerate()
    {
        let name = format!("pattern-{number}");
        let pattern = Some(pattern.to_owned());
        let definition =
            Definition { pattern: pattern.map(Into::into), ..world.property(&format!("{{{name}}}")) };
        world.put(|transaction| definition.create(transaction)).await;
        for value in ["a", "(", &long] {
            let call = patch(&world, json!({format!("{{{name}}}"): value}));
            call.expect_unchanged(refused(422, "errors.property.stringregex", &name)).await;
        }
    }
}

/// A caller cannot set many values whose patterns are expensive. The values of one request are matched
/// in alphabetical order.
#[tokio::test]
async fn values_beyond_the_cost_of_a_request_do_not_match() {
    let world = World::furnished().await;
    for number in 1..=3 {
        let pattern = Some(format!("(?:a*){{850}}|{number}").into());
        let definition = Definition { pattern, ..world.property(&format!("{{costly-{number}}}")) };
        world.put(|transaction| definition.create(transaction)).await;
    }
    let (long, short) = ("a".repeat(3900), "a".repeat(3));
    let body = json!({"{costly-1}": long, "{costly-2}": long, "{costly-3}": short});
    let failure = refused(422, "errors.property.stringregex", "costly-2");
    patch(&world, body).expect_unchanged(failure).await;
    for value in [&long, &short] {
        assert_eq!(patch(&world, json!({"{costly-2}": value})).send().await.status, 200);
    }
}
