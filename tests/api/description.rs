//! The API description matches the code and documents every response.

use std::collections::{BTreeMap, BTreeSet};

use functions::OPERATIONS;
use local::environment::Environment;
use local::keys::DevelopmentKeys;
use local::openapi::{Server, describe, path_of, version_3_0};
use serde_json::{Map, Value};
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

#[test]
fn every_tag_is_described_by_a_sentence() {
    let description = description();
    let tags = description["tags"].as_array().expect("tags");
    let about: BTreeMap<&str, &str> = tags
        .iter()
        .map(|tag| (tag["name"].as_str().expect("a name"), tag["description"].as_str().unwrap_or_default()))
        .collect();
    for (id, described) in operations(&description) {
        let tag = described["tags"][0].as_str().expect("a tag");
        assert!(about[tag].ends_with('.') && about[tag].contains(' '), "{tag} of {id}: {:?}", about[tag]);
    }
}

/// Calls `visit` with every schema of a value, at any depth, and with the number of schemas around it.
fn visit_schemas<'a>(schema: &'a Value, depth: usize, visit: &mut dyn FnMut(&'a Value, usize)) {
    visit(schema, depth);
    let members = schema["properties"].as_object().into_iter().flat_map(Map::values);
    let lists = ["oneOf", "anyOf", "allOf"].map(|name| schema[name].as_array().into_iter().flatten());
    let single = ["items", "additionalProperties"].map(|name| &schema[name]);
    let single = single.into_iter().filter(|schema| schema.is_object());
    for inner in members.chain(lists.into_iter().flatten()).chain(single) {
        visit_schemas(inner, depth + 1, visit);
    }
}

/// Returns the named schema to which a schema refers.
fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// Returns the names of the schemas to which a value of the description refers, at any depth.
fn named_in<'a>(description: &'a Value, value: &'a Value) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let mut references = BTreeSet::new();
    texts_of(value, "$ref", &mut references);
    while let Some(reference) = references.pop_first() {
        if let Some(name) = reference.strip_prefix("#/components/schemas/")
            && names.insert(name)
        {
            texts_of(&description["components"]["schemas"][name], "$ref", &mut references);
        }
    }
    names
}

/// A generated client accepts what a later version responds with: further members, codes and names. It is told what a
/// request can have.
#[test]
fn responses_are_open_and_requests_are_closed() {
    let description = description();
    let schemas = &description["components"]["schemas"];
    let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
    for (_, operation) in operations(&description) {
        sent.extend(named_in(&description, &operation["requestBody"]));
        received.extend(named_in(&description, &operation["responses"]));
    }
    assert_eq!(sent.intersection(&received).collect::<Vec<_>>(), [&""; 0]);
    for name in received {
        visit_schemas(&schemas[name], 0, &mut |schema, _| {
            let closed = ["enum", "pattern", "maxLength", "maximum"].map(|keyword| &schema[keyword]);
            let is_open = closed.iter().all(|keyword| keyword.is_null());
            assert!(is_open && schema["additionalProperties"] != false, "{name}: {schema:#}");
        });
    }
    for name in sent {
        let is_closed = schemas[name]["additionalProperties"] == false;
        let is_map = schemas[name]["additionalProperties"].is_object();
        assert!(is_closed || is_map, "{name}: {:#}", schemas[name]);
    }
}

/// A generator names a type by its schema. It would invent a name for an object that has none.
#[test]
fn nested_objects_are_named_schemas() {
    let description = description();
    let mut nested = 0;
    for (name, schema) in description["components"]["schemas"].as_object().expect("schemas") {
        visit_schemas(schema, 0, &mut |schema, depth| {
            nested += usize::from(name_of(schema).is_some());
            let types = [&schema["type"], &schema["type"][0]];
            assert!(depth == 0 || types.iter().all(|kind| **kind != "object"), "{name}: {schema:#}");
        });
    }
    assert!(nested > 50, "{nested} references");
}

/// The two descriptions have the same schemas, in the words of their versions.
#[test]
fn the_description_in_version_3_0_has_no_keyword_of_3_1() {
    let description = version_3_0(description());
    let described = &description["components"]["schemas"];
    for (name, schema) in described.as_object().expect("schemas") {
        visit_schemas(schema, 0, &mut |schema, _| {
            let members = schema.as_object().expect("a schema");
            let is_single = schema["type"].is_string() || schema["type"].is_null();
            let is_known = is_single && schema["type"] != "null" && schema["const"].is_null();
            assert!(is_known && (members.len() == 1 || schema["$ref"].is_null()), "{name}: {schema:#}");
        });
    }
    assert_eq!(operations(&description).filter(|(_, operation)| operation.is_null()).count(), 0);
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
