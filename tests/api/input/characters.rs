//! Special characters in every field of every body.

use serde_json::{Value, json};

use super::{Trial, characters};
use crate::operations::bodies::broken;
use crate::operations::fields::forbidden;
use crate::operations::for_each_operation;
use crate::operations::rows::{Field, FieldKind, Row};
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, ok_like, refused};

for_each_operation!(
    every_character_in_a_field_is_returned_as_it_was_sent,
    unescaped_control_characters_are_not_json,
    every_character_in_a_language_is_reported_as_it_was_sent,
    every_character_in_a_field_name_is_reported_as_it_was_sent,
);

/// Returns a text with a character at its start, in its middle and at its end.
fn around(character: char) -> String {
    format!("{character}a{character}b{character}")
}

/// Returns a text as the value of a field.
fn value_of(field: &Field, text: &str) -> Value {
    if field.kind == FieldKind::LocalizedText { json!({"EN": text}) } else { json!(text) }
}

/// Returns the error response to a text in a field, or `None` if the text is accepted.
fn refusal(row: &Row, field: &Field, text: &str) -> Option<Answer> {
    match field.kind {
        FieldKind::Name => Some(forbidden(text)),
        FieldKind::State => {
            let message = format!("Invalid PersonalQuestionState name '{text}'");
            Some(refused(422, "errors.invalidParameter", &message))
        }
        FieldKind::Reference => {
            let message = row.missing.as_ref()?.message.replace("terms-999", text);
            Some(refused(404, "errors.noRecord", &message))
        }
        FieldKind::Remark
        | FieldKind::Text
        | FieldKind::LocalizedText
        | FieldKind::Property
        | FieldKind::Number
        | FieldKind::NotEmpty
        | FieldKind::Own => None,
    }
}

/// An accepted text is returned unchanged. A rejected one is reported unchanged, and nothing is
/// written.
async fn every_character_in_a_field_is_returned_as_it_was_sent(row: &'static Row) {
    // The change of what can be created once has the same fields.
    if row.fields.is_empty() || !row.is_repeatable {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    for field in row
        .fields
        .iter()
        .filter(|field| ![FieldKind::Number, FieldKind::NotEmpty, FieldKind::Own].contains(&field.kind))
    {
        let before = trial.items().await;
        let is_refused = refusal(row, field, "").is_some();
        for character in characters() {
            let text = around(character);
            let what = format!("{text:?} as {}", field.name);
            let mut body = trial.body(row);
            body[field.name] = value_of(field, &text);
            let answer = trial.send(row, trial.call(row).json(body), &what).await;
            if let Some(expected) = refusal(row, field, &text) {
                assert_eq!(answer, expected, "{what}");
            } else if field.kind == FieldKind::Property {
                let unique = if field.name == "{floor}" { "staff_number" } else { "employee_id" };
                let name = field.name.trim_matches(['{', '}']);
                let expected = ok_like(&answer, json!({(unique): "1", (name): text}));
                assert_eq!(answer, expected);
            } else {
                assert_eq!(answer.status, row.success, "{what}: {answer:?}");
                let path = answer.leads_to.as_deref().unwrap_or(row.path);
                let stored = trial.world.get(path).by(&Caller::root()).send().await;
                let value = &stored.body[field.name];
                let found = if field.kind == FieldKind::LocalizedText { &value["EN"] } else { value };
                let expected = if field.is_returned() { json!(text) } else { Value::Null };
                assert_eq!(*found, expected, "{what}");
                trial.world.lines();
                trial.make_room(row, &answer).await;
            }
        }
        if is_refused {
            assert_eq!(trial.items().await.since(&before), Changes::none(), "{}", field.name);
        }
    }
}

/// JSON requires ASCII control characters to be escaped.
async fn unescaped_control_characters_are_not_json(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for field in row.fields {
        for character in '\0'..' ' {
            let mut body = trial.body(row);
            body[field.name] = value_of(field, "MARK");
            let text = body.to_string().replace("MARK", &around(character));
            let answer = trial.send(row, trial.call_with(row, text), format!("{character:?}")).await;
            assert_eq!(answer, broken(), "{character:?} in {}", field.name);
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}

async fn every_character_in_a_language_is_reported_as_it_was_sent(row: &'static Row) {
    let is_text = |field: &&Field| field.kind == FieldKind::LocalizedText;
    let fields: Vec<&Field> = row.fields.iter().filter(is_text).collect();
    if fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for field in fields {
        for character in characters() {
            let language = around(character);
            let mut body = trial.body(row);
            body[field.name] = json!({&language: "a"});
            let answer = trial.send(row, trial.call(row).json(body), format!("{language:?}")).await;
            assert_eq!(answer, invalid_fields(&format!("{}.{language}", field.name)));
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}

/// The name is an unknown field or an undefined property.
async fn every_character_in_a_field_name_is_reported_as_it_was_sent(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    let names_properties = row.fields.iter().any(|field| field.kind == FieldKind::Property);
    for character in characters() {
        let name = around(character);
        let mut body = trial.body(row);
        body[&name] = json!("a");
        let answer = trial.send(row, trial.call(row).json(body), format!("{name:?}")).await;
        let expected = if names_properties {
            let message = format!("No property exists with the name '{name}' for the scope.");
            refused(422, "errors.invalidData", &message)
        } else {
            invalid_fields(&name)
        };
        assert_eq!(answer, expected, "{name:?}");
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}
