//! Shapes of bodies as JSON Schema (2020-12).

use functions::mobile_signature::changes::MAX_CHANGES;
use functions::properties::MAX_VALUE;
use serde_json::{Map, Value, json};
use shared::entity::MAX_TEXT;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::Code;
use shared::operation::description::Shape;
use shared::policy::Settings;

/// The schemas with a name, as far as they were referred to.
pub(super) struct Names<'a> {
    settings: &'a Settings,
    schemas: Map<String, Value>,
}

/// Which direction a body goes. A field that may be left out of a request may be `null` too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Answer,
}

impl<'a> Names<'a> {
    /// The schema of failures, which every operation refers to.
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self { settings, schemas: Map::from_iter([("Failure".to_owned(), failure())]) }
    }

    /// All that were referred to.
    pub(super) fn schemas(self) -> Value {
        self.schemas.into()
    }

    /// The schema of a shape.
    pub(super) fn of(&mut self, shape: Shape, direction: Direction) -> Value {
        match shape {
            Shape::Object(object) => self.reference(object, direction),
            Shape::List(object) => json!({"type": "array", "items": self.reference(object, direction)}),
            Shape::Page(object) => {
                let item = self.reference(object, direction);
                self.named(&format!("{}Page", object.name), || page_of(&item))
            }
            Shape::Properties { removes: true } => self.named("PropertyChanges", || {
                json!({
                    "type": "object",
                    "description": "New values of properties, by name; `null` and the empty text remove one.",
                    "maxProperties": MAX_CHANGES,
                    "additionalProperties": {"type": ["string", "null"], "maxLength": MAX_VALUE},
                })
            }),
            Shape::Properties { removes: false } => self.named("Properties", || {
                json!({
                    "type": "object",
                    "description": "The values of properties, by name.",
                    "additionalProperties": {"type": "string"},
                })
            }),
        }
    }

    fn reference(&mut self, object: &ObjectSchema, direction: Direction) -> Value {
        let fields = object.fields();
        let properties: Map<String, Value> =
            fields.clone().map(|field| (field.name.to_owned(), self.field(field, direction))).collect();
        self.named(object.name, || {
            let required: Vec<&str> = fields.filter(|field| field.required).map(|field| field.name).collect();
            let mut schema = json!({
                "type": "object",
                "description": object.description,
                "properties": properties,
                "additionalProperties": false,
            });
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            schema
        })
    }

    /// The schema of a field.
    pub(super) fn field(&mut self, field: &Field, direction: Direction) -> Value {
        let mut schema = match field.kind {
            FieldKind::Object(object) => self.reference(object, direction),
            _ => value_schema(field.kind, direction, self.settings),
        };
        schema["description"] = field.description.into();
        if !field.required && direction == Direction::Request {
            or_null(&mut schema);
        }
        schema
    }

    fn named(&mut self, name: &str, schema: impl FnOnce() -> Value) -> Value {
        self.schemas.entry(name).or_insert_with(schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

/// The schema of a value. An object has a named one.
fn value_schema(kind: FieldKind, direction: Direction, settings: &Settings) -> Value {
    match kind {
        FieldKind::Name => name(settings),
        FieldKind::ExtId(reserved) => {
            let mut schema = name(settings);
            let never = [&[".", ".."], reserved].concat();
            schema["not"] = json!({"enum": never});
            schema
        }
        FieldKind::Text { min, max } => text(min, max),
        FieldKind::Enum(texts) => json!({"type": "string", "enum": texts}),
        FieldKind::LocalizedText { lower_case } => localized(direction, settings, lower_case),
        FieldKind::TextMap => json!({"type": "object", "additionalProperties": text(1, MAX_TEXT)}),
        FieldKind::TextSet => json!({"type": "array", "items": text(1, MAX_TEXT), "uniqueItems": true}),
        FieldKind::DateTime => json!({"type": "string", "format": "date-time"}),
        FieldKind::UnsignedInteger => json!({"type": "integer", "minimum": 0}),
        FieldKind::IntegerUpTo(max) => json!({"type": "integer", "minimum": 0, "maximum": max}),
        FieldKind::Boolean => json!({"type": "boolean"}),
        FieldKind::Object(_) => json!({"type": "object"}),
    }
}

/// A page of a list.
fn page_of(item: &Value) -> Value {
    json!({
        "type": "object",
        "description": "A page of a list.",
        "required": ["items", "_pagination", "_classifications"],
        "additionalProperties": false,
        "properties": {
            "items": {"type": "array", "items": item, "description": "Items of the page, in the order of the list."},
            "_pagination": {
                "type": "object",
                "required": ["limit"],
                "additionalProperties": false,
                "properties": {
                    "limit": {"type": "integer", "description": "Greatest number of items of the page."},
                    "continuationToken": {
                        "type": "string",
                        "description": "Position of the next page. Absent on the last page.",
                    },
                },
            },
            "_classifications": {"type": "object", "description": "Data classes of the fields."},
        },
    })
}

/// A text of so many characters.
fn text(min: usize, max: usize) -> Value {
    let mut schema = json!({"type": "string"});
    if min > 0 {
        schema["minLength"] = min.into();
    }
    if max < usize::MAX {
        schema["maxLength"] = max.into();
    }
    schema
}

/// What the naming policy demands. A pattern of a deployment's own is told as it is written there.
fn name(settings: &Settings) -> Value {
    let policy = &settings.naming_policy;
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": policy.max_length(),
        "pattern": format!("^(?:{})$", policy.pattern()),
    })
}

/// A text for each language. What was stored while other languages were configured is still answered.
fn localized(direction: Direction, settings: &Settings, lower_case: bool) -> Value {
    let mut text = json!({"type": "string", "maxLength": MAX_TEXT});
    let others = match direction {
        Direction::Request => json!(false),
        Direction::Answer => text.clone(),
    };
    if direction == Direction::Request {
        or_null(&mut text);
    }
    let key = |language: &String| {
        if lower_case { language.to_ascii_lowercase() } else { language.clone() }
    };
    let languages: Map<String, Value> =
        settings.languages.iter().map(|language| (key(language), text.clone())).collect();
    json!({"type": "object", "properties": languages, "additionalProperties": others})
}

fn or_null(schema: &mut Value) {
    schema["type"] = json!([schema["type"], "null"]);
}

fn failure() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "type": "object",
        "description": "Why a request was refused or failed.",
        "required": ["errors"],
        "additionalProperties": false,
        "properties": {
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "additionalProperties": false,
                    "properties": {
                        "code": {"type": "string", "enum": codes, "description": "What is wrong, for programs."},
                        "message": text("What is wrong, for people."),
                    },
                },
            },
            "policyViolations": {
                "type": "array",
                "description": "The elements of a policy that were broken.",
                "items": {
                    "type": "object",
                    "required": ["displayName", "configString", "suppliedValue", "limitValue", "actualValue"],
                    "additionalProperties": false,
                    "properties": {
                        "displayName": text("The element of the policy."),
                        "configString": text("How it is configured."),
                        "suppliedValue": text("The value that was sent."),
                        "limitValue": {
                            "type": ["integer", "string"],
                            "description": "The greatest length, or the pattern.",
                        },
                        "actualValue": text("The length of the value, or the value itself."),
                    },
                },
            },
        },
    })
}
