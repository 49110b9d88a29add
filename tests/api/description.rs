//! The API description matches the code and documents every response.

use std::collections::BTreeSet;

use functions::OPERATIONS;
use local::environment::Environment;
use local::keys::DevelopmentKeys;
use local::openapi::{Server, describe, path_of};
use serde_json::Value;
use shared::entity::schema::{self, Field, FieldKind};
use shared::entity::{MAX_REMARK, MAX_TEXT};
use shared::error::Code;
use shared::operation::description::{Description, Shape};

use crate::operations::all_rows;
use crate::operations::rows::{self, Presence, Row};

/// Returns the description with the default configuration.
pub(crate) fn description() -> Value {
    let keys = DevelopmentKeys::generate().expect("keys");
    let environment = Environment::new(&keys, []).expect("an environment");
    describe(&environment.config().expect("a configuration").settings, &Server::local_run(), None)
        .expect("a description")
}

/// Returns the operations in the description.
pub(crate) fn operations(description: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    OPERATIONS.iter().map(|operation| {
        let method = operation.method.as_str().to_lowercase();
        (operation.id, &description["paths"][path_of(operation)][&method])
    })
}

/// Collects all strings of a member at any depth.
fn texts_of<'a>(value: &'a Value, member: &str, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.extend(value.as_str().filter(|_| name == member));
                texts_of(value, member, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts_of(value, member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every error code is in an example or in the introduction.
#[test]
fn every_code_has_an_example() {
    let description = description();
    let mut shown = BTreeSet::new();
    texts_of(&description["paths"], "code", &mut shown);
    let introduction = description["info"]["description"].as_str().expect("an introduction");
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(code) && !introduction.contains(&format!("`{code}`")))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_example_body_is_a_json_object_or_array() {
    for operation in OPERATIONS {
        let Description { body, success, .. } = operation.description;
        let answered = match success {
            shared::operation::description::Success::Ok(body)
            | shared::operation::description::Success::Entity(body)
            | shared::operation::description::Success::CreatedEntity(body) => Some(body),
            shared::operation::description::Success::Created(body) => body,
            shared::operation::description::Success::NoContent
            | shared::operation::description::Success::Deletion => None,
        };
        for body in body.into_iter().chain(answered) {
            let example: Value = serde_json::from_str(body.example).expect(operation.id);
            assert!(example.is_object() || example.is_array(), "{}", operation.id);
        }
    }
}

#[test]
fn every_path_parameter_is_described() {
    let description = description();
    for (id, described) in operations(&description) {
        let parameters = described["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["in"] == "path") {
            let texts =
                ["description", "example"].map(|member| parameter[member].as_str().unwrap_or_default());
            assert!(texts.iter().all(|text| !text.is_empty()), "{id}: {parameter}");
        }
    }
}

/// A link refers to an operation and sets exactly its path parameters.
#[test]
fn every_link_refers_to_an_operation() {
    for operation in OPERATIONS {
        for link in operation.description.links {
            let linked = OPERATIONS.iter().find(|other| other.id == link.operation).expect(operation.id);
            let filled: BTreeSet<String> =
                link.parameters.iter().map(|(name, _)| format!("{{{name}}}")).collect();
            let needed = linked.path.split('/').filter(|segment| segment.starts_with('{')).map(str::to_owned);
            assert_eq!(filled, needed.collect(), "{}", operation.id);
        }
    }
}

/// Returns true if a described field has the kind that the row expects.
fn expected_kind(kind: rows::FieldKind, described: FieldKind) -> bool {
    match kind {
        rows::FieldKind::Name => matches!(described, FieldKind::Name | FieldKind::ExtId(_)),
        rows::FieldKind::Reference => described == FieldKind::Text { min: 1, max: usize::MAX },
        rows::FieldKind::State => described == FieldKind::Enum(&["active", "disabled", "revoked"]),
        rows::FieldKind::Remark => described == FieldKind::Text { min: 0, max: MAX_REMARK },
        rows::FieldKind::Text => described == FieldKind::Text { min: 1, max: MAX_TEXT },
        rows::FieldKind::LocalizedText => described == FieldKind::LocalizedText { lower_case: false },
        rows::FieldKind::Property => false,
        rows::FieldKind::Number => described == FieldKind::UnsignedInteger,
        rows::FieldKind::NotEmpty => matches!(described, FieldKind::Text { min: 1, .. }),
        rows::FieldKind::Own => {
            let lower_case = false;
            !matches!(described, FieldKind::Name | FieldKind::ExtId(_))
                && described != FieldKind::LocalizedText { lower_case }
        }
    }
}

fn described_fields(row: &Row) -> Option<Vec<&'static Field>> {
    match row.operation().description.body?.shape {
        Shape::Object(object) | Shape::List(object) | Shape::Page(object) => {
            // `patches` tests the members that all changes have.
            Some(object.fields().filter(|field| !schema::PATCH.contains(field)).collect())
        }
        Shape::PageOfAny { .. } | Shape::Properties { .. } => None,
    }
}

/// The description has the same fields as the rows of the suite.
#[test]
fn the_description_has_the_fields_of_the_rows() {
    for row in all_rows().filter(|row| row.good_body().is_some()) {
        let Some(described) = described_fields(row) else { continue };
        let presence = |field: &Field| match (field.required, field.nullable) {
            (true, _) => Presence::Required,
            (false, true) => Presence::Optional,
            (false, false) => Presence::NotNull,
        };
        let shape = |name: &str, presence: Presence| format!("{name} {presence:?}");
        let tried: BTreeSet<String> =
            row.fields.iter().map(|field| shape(field.name, field.presence)).collect();
        let names: BTreeSet<String> =
            described.iter().map(|field| shape(field.name, presence(field))).collect();
        assert_eq!(names, tried, "{}", row.id);
        for field in row.fields {
            let found = described.iter().find(|other| other.name == field.name).expect(field.name);
            assert!(expected_kind(field.kind, found.kind), "{} of {}", field.name, row.id);
        }
    }
}
