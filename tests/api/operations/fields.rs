//! The fields of bodies: missing, `null`, of another type, too long, unknown.

use serde_json::{Value, json};
use shared::policy::DEFAULT_PATTERN;

use super::rows::{Field, FieldKind, Row};
use super::table::ROWS;
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

/// Every field of every body, with its operation.
fn fields() -> impl Iterator<Item = (&'static Row, &'static Field)> {
    ROWS.iter().flat_map(|row| row.fields.iter().map(move |field| (row, field)))
}

async fn answer(world: &World, row: &Row, change: impl FnOnce(&mut Value)) -> Answer {
    let mut body = row.good_body().expect("a body");
    change(&mut body);
    world.call(row.method, row.path).by(&Caller::root()).json(body).send().await
}

/// How a field is named in an answer.
fn shown(field: &Field) -> &str {
    field.name.trim_matches(['{', '}'])
}

#[tokio::test]
async fn a_field_that_has_to_be_there_is_named_when_it_is_not() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields().filter(|(_, field)| field.required) {
        let absent: fn(&mut Value, &str) =
            |body, name| drop(body.as_object_mut().expect("an object").remove(name));
        let null: fn(&mut Value, &str) = |body, name| body[name] = Value::Null;
        let empty: fn(&mut Value, &str) = |body, name| body[name] = json!("");
        for (what, change) in [("absent", absent), ("null", null), ("empty", empty)] {
            let answer = answer(&world, row, |body| change(body, field.name)).await;
            assert_eq!(answer, invalid_fields(shown(field)), "{} with {} {what}", row.id, field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_field_that_may_be_left_out_may_be_null() {
    for (row, field) in fields().filter(|(_, field)| !field.required) {
        let world = World::furnished().await;
        let null = answer(&world, row, |body| body[field.name] = Value::Null).await;
        assert_eq!(null.status, row.success, "{} with {} null: {null:?}", row.id, field.name);
        let world = World::furnished().await;
        let absent =
            answer(&world, row, |body| drop(body.as_object_mut().expect("an object").remove(field.name)))
                .await;
        assert_eq!(absent.status, row.success, "{} without {}: {absent:?}", row.id, field.name);
    }
}

#[tokio::test]
async fn a_field_of_another_type_is_named() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields() {
        let mut values = vec![json!(7), json!(true), json!(["a"]), json!(1.5)];
        values.push(if field.kind == FieldKind::LocalizedText { json!("a") } else { json!({"EN": "a"}) });
        for value in values {
            let answer = answer(&world, row, |body| body[field.name] = value.clone()).await;
            assert_eq!(answer, invalid_fields(shown(field)), "{} with {} {value}", row.id, field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_field_that_is_unknown_is_named() {
    let world = World::furnished().await;
    let before = world.items().await;
    for row in ROWS.iter().filter(|row| row.good_body().is_some()) {
        // A property may have any name, so that an unknown one is told by its value.
        let answer = answer(&world, row, |body| {
            body["unheardOf"] = json!({"a": 1});
            body["Another"] = json!([]);
        })
        .await;
        assert_eq!(answer, invalid_fields("Another, unheardOf"), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn all_fields_that_are_not_valid_are_named_in_alphabetical_order() {
    let world = World::furnished().await;
    for row in ROWS.iter().filter(|row| row.good_body().is_some()) {
        let answer = answer(&world, row, |body| {
            row.fields.iter().rev().for_each(|field| body[field.name] = json!(7));
            body["aaa"] = json!(7);
        })
        .await;
        let mut names: Vec<&str> = row.fields.iter().map(shown).chain(["aaa"]).collect();
        names.sort_unstable();
        assert_eq!(answer, invalid_fields(&names.join(", ")), "{}", row.id);
    }
}

/// The violation of the naming policy by a value of too many characters.
fn too_long(value: &str) -> Answer {
    let characters = value.chars().count();
    let message = format!(
        "ch.nevis.idm.policy.PolicyViolation: Policy failed:\nch.nevis.idm.policy.element.\
         PolicyElementViolation<element=Regex policy violation limit=129, actualValue={characters}>"
    );
    let mut answer = refused(422, "errors.identifierPolicyViolated", &message);
    answer.body["policyViolations"] = json!([{
        "displayName": "Regex policy violation", "configString": "129", "suppliedValue": value,
        "limitValue": 129, "actualValue": characters.to_string(),
    }]);
    answer
}

/// The violation of the naming policy by a value with a character that no name may have.
pub(crate) fn forbidden(value: &str) -> Answer {
    let message = format!(
        "ch.nevis.idm.policy.PolicyViolation: Policy failed:\nch.nevis.idm.policy.element.\
         PolicyElementViolation<element=Regex policy violation limit={DEFAULT_PATTERN}, actualValue={value}>"
    );
    let mut answer = refused(422, "errors.identifierPolicyViolated", &message);
    answer.body["policyViolations"] = json!([{
        "displayName": "Regex policy violation", "configString": DEFAULT_PATTERN, "suppliedValue": value,
        "limitValue": DEFAULT_PATTERN, "actualValue": value,
    }]);
    answer
}

#[tokio::test]
async fn a_new_name_follows_the_naming_policy() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields().filter(|(_, field)| field.kind == FieldKind::Name) {
        for length in [130, 1000, 20_000] {
            let name = "a".repeat(length);
            let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
            assert_eq!(answer, too_long(&name), "{} with {} of {length}", row.id, field.name);
        }
        for name in ["a b", " ", "ä", "a#b", "a%b", "a&b", "a\u{0}b", "a\nb", "\u{202e}a", "a'b", "*"] {
            let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
            assert_eq!(answer, forbidden(name), "{} with {} {name:?}", row.id, field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_new_name_may_have_129_characters_of_those_allowed() {
    for (row, field) in fields().filter(|(_, field)| field.kind == FieldKind::Name) {
        let world = World::furnished().await;
        let filler = "-@./_:()\\{}[]=!~+aZ09".repeat(7);
        let start = world.names().fill("{a}");
        let name = format!("{start}{}", &filler[..129 - start.len()]);
        let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
        assert_eq!(answer.status, row.success, "{} with {}: {answer:?}", row.id, field.name);
    }
}

#[tokio::test]
async fn a_remark_has_at_most_1000_characters_and_a_text_4000() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields() {
        let (change, name): (fn(&mut Value, String), _) = match field.kind {
            FieldKind::Remark => (|value, text| *value = json!(text), field.name.to_owned()),
            FieldKind::LocalizedText => {
                (|value, text| value["DE"] = json!(text), format!("{}.DE", field.name))
            }
            _ => continue,
        };
        let most = if field.kind == FieldKind::Remark { 1000 } else { 4000 };
        let long = answer(&world, row, |body| change(&mut body[field.name], "ä".repeat(most + 1))).await;
        assert_eq!(long, invalid_fields(&name), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
    for (row, field) in fields() {
        let world = World::furnished().await;
        let fits = match field.kind {
            FieldKind::Remark => json!("ä".repeat(1000)),
            FieldKind::LocalizedText => json!({"EN": "ä".repeat(4000), "DE": "", "FR": null, "IT": "a"}),
            _ => continue,
        };
        let fits = answer(&world, row, |body| body[field.name] = fits).await;
        assert_eq!(fits.status, row.success, "{} with {}: {fits:?}", row.id, field.name);
    }
}

#[tokio::test]
async fn a_language_that_is_not_configured_is_not_valid() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields().filter(|(_, field)| field.kind == FieldKind::LocalizedText) {
        let texts = json!({"EN": "a", "ES": null, "en": "a", "IT": 7, "FR": ["a"]});
        let answer = answer(&world, row, |body| body[field.name] = texts).await;
        let names = ["ES", "FR", "IT", "en"].map(|language| format!("{}.{language}", field.name));
        assert_eq!(answer, invalid_fields(&names.join(", ")), "{}", row.id);
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

#[tokio::test]
async fn a_state_is_one_of_three() {
    let world = World::furnished().await;
    let before = world.items().await;
    for (row, field) in fields().filter(|(_, field)| field.kind == FieldKind::State) {
        for state in ["invalid_state", "ACTIVE", " active", "archived"] {
            let answer = answer(&world, row, |body| body[field.name] = json!(state)).await;
            let message = format!("Invalid PersonalQuestionState name '{state}'");
            assert_eq!(answer, refused(422, "errors.invalidParameter", &message), "{}", row.id);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}
