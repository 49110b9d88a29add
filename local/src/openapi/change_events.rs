//! The description of the events of changes: a JSON Schema of each type, and an AsyncAPI document.

use functions::history::change_type::ChangeType;
use functions::history::kinds::{KINDS, Kind};
use functions::history::publish::event_type;
use serde_json::{Map, Value, json};
use shared::policy::Settings;
use shared::service::config::DEFAULT_TYPE_PREFIX;

use super::schemas::{Direction, Names};

/// Where schemas of the API description are, and where those of an event are.
const DEFINITIONS: [&str; 2] = ["#/components/schemas/", "#/$defs/"];

/// Returns the schema of each type of events, by its name without the prefix of the deployment.
pub(crate) fn event_schemas(settings: &Settings) -> Vec<(String, Value)> {
    types().map(|(kind, change)| (name_of(kind, change), schema(kind, change, settings))).collect()
}

/// Returns the AsyncAPI 3.0 description of the events, whose schemas are in the folder `schemas`.
pub(crate) fn asyncapi(schemas: &str) -> Value {
    let (mut messages, mut references) = (Map::new(), Map::new());
    for (kind, change) in types() {
        let name = name_of(kind, change);
        let message = json!({
            "name": name,
            "title": title(kind, change),
            "contentType": "application/cloudevents+json",
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": format!("{schemas}/{name}.json")},
            },
        });
        references.insert(name.clone(), json!({"$ref": format!("#/components/messages/{name}")}));
        messages.insert(name, message);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Identity management",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Each change of an object is a CloudEvents 1.0 event. The types begin with the prefix of \
                the deployment. An event can come more than once, with the same `id`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "changes": {
                "address": "{eventBusName}",
                "description": "A bus of Amazon EventBridge. An event is the `detail`, and its type the `detail-type`.",
                "parameters": {"eventBusName": {"description": "The parameter EventBusName of the deployment."}},
                "messages": references,
            },
        },
        "operations": {
            "publishChange": {
                "action": "send",
                "summary": "Publish a change",
                "channel": {"$ref": "#/channels/changes"},
            },
        },
        "components": {"messages": messages},
    })
}

/// Returns each kind with each change.
fn types() -> impl Iterator<Item = (&'static Kind, ChangeType)> {
    KINDS.iter().flat_map(|kind| ChangeType::ALL.map(|change| (kind, change)))
}

fn name_of(kind: &Kind, change: ChangeType) -> String {
    format!("{}.{}", kind.noun, change.as_str())
}

fn title(kind: &Kind, change: ChangeType) -> String {
    let noun = kind.noun.replace('-', " ");
    let (first, rest) = noun.split_at(1);
    format!("{}{rest} {}", first.to_uppercase(), change.as_str())
}

fn schema(kind: &Kind, change: ChangeType, settings: &Settings) -> Value {
    let mut names = Names::empty(settings);
    let identifiers = kind.identifiers.iter().filter_map(|(name, _)| {
        let field = kind.schema.fields().find(|field| field.name == *name)?;
        Some(((*name).to_owned(), names.field(field, Direction::Response)))
    });
    let identifiers: Map<String, Value> = identifiers.collect();
    let sides: &[&str] = match change {
        ChangeType::Created => &["after"],
        ChangeType::Changed => &["before", "after"],
        ChangeType::Deleted => &["before"],
    };
    let changes = kind.disclosed.iter().copied().flatten().map(|field| {
        let value = names.field(field, Direction::Response);
        let sides: Map<String, Value> =
            sides.iter().map(|side| ((*side).to_owned(), value.clone())).collect();
        (field.name.to_owned(), json!({"type": "object", "properties": sides}))
    });
    let changes: Map<String, Value> = changes.collect();
    let text = |description: &str| json!({"type": "string", "description": description});
    let time =
        |description: &str| json!({"type": "string", "format": "date-time", "description": description});
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title(kind, change),
        "description": format!(
            "CloudEvents 1.0 event, such as {}.", event_type(DEFAULT_TYPE_PREFIX, kind.noun, change.as_str()),
        ),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "datacontenttype", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text("Identifier, the same each time the event is delivered."),
            "source": {"type": "string", "format": "uri-reference", "description": "The deployment."},
            "type": {
                "type": "string",
                "pattern": format!("[.]{}[.]{}$", kind.noun, change.as_str()),
                "description": "Type.",
            },
            "subject": text("Path of the object in the API."),
            "time": time("Time of the change."),
            "datacontenttype": {"const": "application/json"},
            "data": {
                "type": "object",
                "required": ["operation", "identifiers", "version", "createdBy", "createdAt", "changes", "hidden"],
                "properties": {
                    "operation": {"const": change.as_str()},
                    "identifiers": {
                        "type": "object",
                        "description": "Identifiers of the object and of its owners.",
                        "properties": identifiers,
                    },
                    "version": {"type": "integer", "minimum": 0, "description": "Version after the change, or the last one."},
                    "modifiedBy": {"type": ["string", "null"], "description": "Who made the change: client and subject."},
                    "modifiedAt": {"type": ["string", "null"], "format": "date-time", "description": "Time of the change."},
                    "requestId": {"type": ["string", "null"], "description": "ID of the request."},
                    "createdBy": text("Who created the object."),
                    "createdAt": time("Time of the creation."),
                    "changes": {
                        "type": "object",
                        "description": "The shown fields that differ.",
                        "properties": changes,
                    },
                    "hidden": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Names of the fields that differ and are not shown.",
                    },
                },
            },
        },
    });
    let definitions = names.schemas();
    if !definitions.is_empty() {
        schema["$defs"] = Value::Object(definitions);
    }
    let text = schema.to_string().replace(DEFINITIONS[0], DEFINITIONS[1]);
    // What was JSON before the replacement of a text without special characters is JSON.
    serde_json::from_str(&text).unwrap_or(schema)
}
