//! Every odd character in every field of every body.

use serde_json::{Value, json};

use super::{Trial, characters, fields};
use crate::operations::bodies::broken;
use crate::operations::fields::forbidden;
use crate::operations::rows::{Field, FieldKind, Row};
use crate::operations::table::ROWS;
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;
use crate::support::{Answer, Caller, ok_like, refused};

/// A text with a character at its beginning, in its middle and at its end.
fn around(character: char) -> String {
    format!("{character}a{character}b{character}")
}

/// A text as the value of a field.
fn value_of(field: &Field, text: &str) -> Value {
    if field.kind == FieldKind::LocalizedText { json!({"EN": text}) } else { json!(text) }
}

/// The refusal of a text in a field; none where it is taken as it is.
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
        FieldKind::Remark | FieldKind::LocalizedText | FieldKind::Property => None,
    }
}

/// What is taken comes back as it was sent; what is not is told as it was sent, and leaves no trace.
#[tokio::test]
async fn every_character_in_every_field_comes_back_as_it_was_sent() {
    let Some(mut trial) = Trial::start().await else { return };
    let mut sent = 0;
    for (row, field) in fields() {
        let before = trial.items().await;
        let is_refused = refusal(row, field, "").is_some();
        for character in characters() {
            let text = around(character);
            let what = format!("{text:?} as {}", field.name);
            let mut body = trial.body(row);
            body[field.name] = value_of(field, &text);
            let answer = trial.send(row, trial.call(row).json(body), &what).await;
            sent += 1;
            if let Some(expected) = refusal(row, field, &text) {
                assert_eq!(answer, expected, "{} with {what}", row.id);
            } else if field.kind == FieldKind::Property {
                let expected = ok_like(&answer, json!({"employee_id": "1", "nickname": text}));
                assert_eq!(answer, expected, "{}", row.id);
            } else {
                let path = answer.leads_to.as_deref().unwrap_or_else(|| panic!("{what}: {answer:?}"));
                let created = trial.world.get(path).by(&Caller::root()).send().await;
                assert_eq!(created.body[field.name], value_of(field, &text), "{} with {what}", row.id);
                trial.world.lines();
            }
        }
        if is_refused {
            assert_eq!(trial.items().await.since(&before), Changes::none(), "{} of {}", field.name, row.id);
        }
    }
    assert_eq!(sent, fields().count() * characters().count());
}

/// The control characters of ASCII have to be escaped in JSON; what forgives that guesses.
#[tokio::test]
async fn a_control_character_that_is_not_escaped_is_no_json() {
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for (row, field) in fields() {
        for character in '\0'..' ' {
            let mut body = trial.body(row);
            body[field.name] = value_of(field, "MARK");
            let text = body.to_string().replace("MARK", &around(character));
            let answer = trial.send(row, trial.call_with(row, text), format!("{character:?}")).await;
            assert_eq!(answer, broken(), "{} with {character:?} in {}", row.id, field.name);
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}

/// A language that is none, whatever it is called.
#[tokio::test]
async fn every_character_in_a_language_is_told_as_it_was_sent() {
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for (row, field) in fields().filter(|(_, field)| field.kind == FieldKind::LocalizedText) {
        for character in characters() {
            let language = around(character);
            let mut body = trial.body(row);
            body[field.name] = json!({&language: "a"});
            let answer = trial.send(row, trial.call(row).json(body), format!("{language:?}")).await;
            assert_eq!(answer, invalid_fields(&format!("{}.{language}", field.name)), "{}", row.id);
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}

/// A field that is none, and a property that is not defined.
#[tokio::test]
async fn every_character_in_the_name_of_a_field_is_told_as_it_was_sent() {
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for row in ROWS.iter().filter(|row| row.good_body().is_some()) {
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
            assert_eq!(answer, expected, "{} with {name:?}", row.id);
        }
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}
