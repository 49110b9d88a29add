//! The rules of properties, and what lifts them.

use functions::properties::{Definition, PropertyAccess, Uniqueness};
use serde_json::{Value, json};

use super::{BY, KEY, PATH, changed, patch};
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

/// Whatever a caller names is looked for: what cannot be a name is found nowhere.
#[tokio::test]
async fn a_property_that_cannot_be_does_not_exist() {
    let world = World::furnished().await;
    let long = "a".repeat(20_000);
    for name in ["", " ", "*", "..", "a#b", "*#nickname", "a\u{0}b", "\u{202e}", &long] {
        let message = format!("No property exists with the name '{name}' for the scope.");
        let call = patch(&world, json!({name: "a"}));
        call.expect_unchanged(refused(422, "errors.invalidData", &message)).await;
    }
}

#[tokio::test]
async fn a_read_only_property_is_not_changed() {
    let world = World::furnished().await;
    for value in [json!("7"), Value::Null, json!("")] {
        let call = patch(&world, json!({"{badge}": value}));
        call.expect_unchanged(refusal(422, &[read_only("badge")])).await;
    }
}

#[tokio::test]
async fn a_property_that_is_off_is_not_changed() {
    let world = World::furnished().await;
    for value in [json!("7"), Value::Null, json!("")] {
        let call = patch(&world, json!({"{secret}": value}));
        call.expect_unchanged(refusal(403, &[off("secret")])).await;
    }
}

/// Access comes before every rule on the value.
#[tokio::test]
async fn a_property_is_refused_for_its_access_before_its_value() {
    let world = World::furnished().await;
    for (name, access, status, error) in [
        ("strict-a", PropertyAccess::ReadOnly, 422, read_only("strict-a")),
        ("strict-b", PropertyAccess::Off, 403, off("strict-b")),
    ] {
        let strict = Definition {
            access,
            max_length: Some(1),
            pattern: Some("[0-9]".into()),
            ..world.property(&format!("{{{name}}}"))
        };
        world.put(|transaction| strict.create(transaction)).await;
        let call = patch(&world, json!({format!("{{{name}}}"): "too long"}));
        call.expect_unchanged(refusal(status, &[error])).await;
    }
}

/// The length comes before the pattern, the pattern before the allowed values, and those before
/// uniqueness.
#[tokio::test]
async fn the_rules_on_a_value_come_in_their_order() {
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
async fn a_property_without_a_length_has_4000_characters() {
    let world = World::furnished().await;
    let fits = "ä".repeat(4000);
    assert_eq!(patch(&world, json!({"{nickname}": fits})).send().await.status, 200);
    let expected = refused(422, "errors.property.stringmaxlen", "nickname");
    patch(&world, json!({"{nickname}": "ä".repeat(4001)})).expect_unchanged(expected).await;
}

#[tokio::test]
async fn an_enum_has_one_of_its_values() {
    let world = World::furnished().await;
    assert_eq!(patch(&world, json!({"{color}": "green"})).send().await.status, 200);
    for value in ["blue", "Green", "green ", "red,green"] {
        let message = format!("Value '{value}' is not allowed for property 'color'.");
        let call = patch(&world, json!({"{color}": value}));
        call.expect_unchanged(refused(422, "errors.invalidData", &message)).await;
    }
}

#[tokio::test]
async fn all_properties_that_fail_are_told_in_alphabetical_order() {
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
async fn the_override_right_lifts_read_only_and_off() {
    let world = World::furnished().await;
    let admin = Caller::new("{client-123}", "admin").with("nevisIdm.ClientRoot", None, None);
    let properties = json!({"employee_id": "1", "nickname": "Jo", "badge": "7", "secret": "s"});
    let changes = Changes::none().changed(BY, KEY, 1, json!({"properties": properties}));
    let call = world.patch(PATH).by(&admin).json(json!({"{badge}": "7", "{secret}": "s"}));
    call.expect(ok_at(1, properties), changes).await;
    // The rules on the value hold all the same.
    let short = Definition { access: PropertyAccess::Off, max_length: Some(1), ..world.property("{short}") };
    world.put(|transaction| short.create(transaction)).await;
    let call = world.patch(PATH).by(&admin).json(json!({"{short}": "ab"}));
    call.expect_unchanged(refused(422, "errors.property.stringmaxlen", "short")).await;
}

#[tokio::test]
async fn the_override_right_lifts_nothing_where_it_does_not_count() {
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

/// A client's own definition counts for that client, and there in place of one for all clients.
#[tokio::test]
async fn a_definition_of_the_client_comes_before_one_of_all_clients() {
    let world = World::furnished().await;
    let own = Definition { max_length: Some(2), ..world.property("{nickname}").of(&world.id("client-123")) };
    world.put(|transaction| own.create(transaction)).await;
    let expected = refused(422, "errors.property.stringmaxlen", "nickname");
    patch(&world, json!({"{nickname}": "Joe"})).expect_unchanged(expected).await;
    let properties = json!({"employee_id": "1", "nickname": "Al"});
    let changes = changed(1, json!({"properties": properties}));
    patch(&world, json!({"{nickname}": "Al"})).expect(ok_at(1, properties), changes).await;

    world.put_mobile_signature("{client-456}", "{user-123}", &[]).await;
    let other = "/{client-456}/users/{user-123}/mobile-signature/properties";
    let call = world.patch(other).by(&Caller::root()).json(json!({"{nickname}": "Joe"}));
    assert_eq!(call.send().await, ok_at(1, json!({"nickname": "Joe"})));
    let message = "No property exists with the name 'department' for the scope.";
    let call = world.patch(other).by(&Caller::root()).json(json!({"{department}": "Sales"}));
    call.expect_unchanged(refused(422, "errors.invalidData", message)).await;
}

/// A definition may have come into the table before its pattern was refused, or past the import.
#[tokio::test]
async fn no_value_matches_a_pattern_that_is_not_supported() {
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
