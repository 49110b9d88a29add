//! The fields of bodies: missing, `null`, of another type, too long, unknown.

use serde_json::{Value, json};
use shared::policy::DEFAULT_PATTERN;

use super::for_each_operation;
use super::rows::{Field, FieldKind, Presence, Row};
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, World, refused};

for_each_operation!(
    missing_required_fields_are_named,
    optional_fields_may_be_absent_or_null,
    fields_of_another_type_are_named,
    unknown_fields_are_named,
    invalid_fields_are_named_in_alphabetical_order,
    new_names_follow_the_naming_policy,
    new_names_may_have_129_of_the_allowed_characters,
    texts_have_a_maximum_length,
    unknown_languages_are_rejected,
    unknown_states_are_rejected,
);

/// Returns the fields of these kinds.
fn fields_of(row: &'static Row, kinds: &[FieldKind]) -> Vec<&'static Field> {
    row.fields.iter().filter(|field| kinds.contains(&field.kind)).collect()
}

async fn answer(world: &World, row: &Row, change: impl FnOnce(&mut Value)) -> Answer {
    let mut body = row.good_body().expect("a body");
    change(&mut body);
    world.call(row.method, row.path).by(&Caller::root()).json(body).send().await
}

/// Returns the name of a field in a response.
fn shown(field: &Field) -> &str {
    field.name.trim_matches(['{', '}'])
}

async fn missing_required_fields_are_named(row: &'static Row) {
    let required: Vec<&Field> =
        row.fields.iter().filter(|field| field.presence != Presence::Optional).collect();
    if required.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    let absent: fn(&mut Value, &str) =
        |body, name| drop(body.as_object_mut().expect("an object").remove(name));
    let null: fn(&mut Value, &str) = |body, name| body[name] = Value::Null;
    let empty: fn(&mut Value, &str) = |body, name| body[name] = json!("");
    for field in required {
        let mut changes = vec![("null", null)];
        if field.kind != FieldKind::NotEmpty {
            changes.push(("empty", empty));
        }
        if field.presence == Presence::Required {
            changes.push(("absent", absent));
        }
        for (what, change) in &changes {
            let answer = answer(&world, row, |body| change(body, field.name)).await;
            assert_eq!(answer, invalid_fields(shown(field)), "{} {what}", field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn optional_fields_may_be_absent_or_null(row: &'static Row) {
    for field in row.fields.iter().filter(|field| field.presence != Presence::Required) {
        if field.presence == Presence::Optional {
            let world = World::furnished().await;
            let null = answer(&world, row, |body| body[field.name] = Value::Null).await;
            assert_eq!(null.status, row.success, "{} null: {null:?}", field.name);
        }
        let world = World::furnished().await;
        let absent =
            answer(&world, row, |body| drop(body.as_object_mut().expect("an object").remove(field.name)))
                .await;
        assert_eq!(absent.status, row.success, "{} absent: {absent:?}", field.name);
    }
}

async fn fields_of_another_type_are_named(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for field in row.fields {
        let mut values = vec![json!(7), json!(["a"]), json!(1.5)];
        match field.kind {
            FieldKind::Own => {}
            FieldKind::Number => values[0] = json!("7"),
            FieldKind::LocalizedText => values.extend([json!(true), json!("a")]),
            _ => values.extend([json!(true), json!({"EN": "a"})]),
        }
        for value in values {
            let answer = answer(&world, row, |body| body[field.name] = value.clone()).await;
            assert_eq!(answer, invalid_fields(shown(field)), "{} {value}", field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn unknown_fields_are_named(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    // A property may have any name: an unknown one is recognised by its value.
    let answer = answer(&world, row, |body| {
        body["unheardOf"] = json!({"a": 1});
        body["Another"] = json!([]);
    })
    .await;
    assert_eq!(answer, invalid_fields("Another, unheardOf"));
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn invalid_fields_are_named_in_alphabetical_order(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let world = World::furnished().await;
    let answer = answer(&world, row, |body| {
        row.fields.iter().rev().for_each(|field| body[field.name] = json!(1.5));
        body["aaa"] = json!(7);
    })
    .await;
    let mut names: Vec<&str> = row.fields.iter().map(shown).chain(["aaa"]).collect();
    names.sort_unstable();
    assert_eq!(answer, invalid_fields(&names.join(", ")));
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

async fn new_names_follow_the_naming_policy(row: &'static Row) {
    let fields = fields_of(row, &[FieldKind::Name]);
    if fields.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for field in &fields {
        for length in [130, 1000, 20_000] {
            let name = "a".repeat(length);
            let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
            assert_eq!(answer, too_long(&name), "{} of {length}", field.name);
        }
        for name in ["a b", " ", "ä", "a#b", "a%b", "a&b", "a\u{0}b", "a\nb", "\u{202e}a", "a'b", "*"] {
            let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
            assert_eq!(answer, forbidden(name), "{} {name:?}", field.name);
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn new_names_may_have_129_of_the_allowed_characters(row: &'static Row) {
    for field in fields_of(row, &[FieldKind::Name]) {
        let world = World::furnished().await;
        let filler = "-@./_:()\\{}[]=!~+aZ09".repeat(7);
        let start = world.names().fill("{a}");
        let name = format!("{start}{}", &filler[..129 - start.len()]);
        let answer = answer(&world, row, |body| body[field.name] = json!(name)).await;
        assert_eq!(answer.status, row.success, "{}: {answer:?}", field.name);
    }
}

async fn texts_have_a_maximum_length(row: &'static Row) {
    let fields = fields_of(row, &[FieldKind::Remark, FieldKind::Text, FieldKind::LocalizedText]);
    let most = |field: &Field| if field.kind == FieldKind::Remark { 1000 } else { 4000 };
    if fields.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for field in &fields {
        let (change, name): (fn(&mut Value, String), _) = if field.kind == FieldKind::LocalizedText {
            (|value, text| value["DE"] = json!(text), format!("{}.DE", field.name))
        } else {
            (|value, text| *value = json!(text), field.name.to_owned())
        };
        let long = "ä".repeat(most(field) + 1);
        let long = answer(&world, row, |body| change(&mut body[field.name], long)).await;
        assert_eq!(long, invalid_fields(&name));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
    for field in fields {
        let world = World::furnished().await;
        let fits = if field.kind == FieldKind::LocalizedText {
            json!({"EN": "ä".repeat(4000), "DE": "", "FR": null, "IT": "a"})
        } else {
            json!("ä".repeat(most(field)))
        };
        let fits = answer(&world, row, |body| body[field.name] = fits).await;
        assert_eq!(fits.status, row.success, "{}: {fits:?}", field.name);
    }
}

async fn unknown_languages_are_rejected(row: &'static Row) {
    let fields = fields_of(row, &[FieldKind::LocalizedText]);
    if fields.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for field in fields {
        let texts = json!({"EN": "a", "ES": null, "en": "a", "IT": 7, "FR": ["a"]});
        let answer = answer(&world, row, |body| body[field.name] = texts).await;
        let names = ["ES", "FR", "IT", "en"].map(|language| format!("{}.{language}", field.name));
        assert_eq!(answer, invalid_fields(&names.join(", ")));
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}

async fn unknown_states_are_rejected(row: &'static Row) {
    let fields = fields_of(row, &[FieldKind::State]);
    if fields.is_empty() {
        return;
    }
    let world = World::furnished().await;
    let before = world.items().await;
    for field in fields {
        for state in ["invalid_state", "ACTIVE", " active", "archived"] {
            let answer = answer(&world, row, |body| body[field.name] = json!(state)).await;
            let message = format!("Invalid PersonalQuestionState name '{state}'");
            assert_eq!(answer, refused(422, "errors.invalidParameter", &message));
        }
    }
    assert_eq!(world.items().await.since(&before), Changes::none());
}
