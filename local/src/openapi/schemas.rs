//! JSON Schemas (2020-12) of request and response bodies.

use functions::properties::MAX_VALUE;
use functions::properties::changes::MAX_CHANGES;
use serde_json::{Map, Value, json};
use shared::entity::MAX_TEXT;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::Code;
use shared::operation::description::Shape;
use shared::policy::Settings;

/// The named schemas that have been referred to.
pub(super) struct Names<'a> {
    settings: &'a Settings,
    schemas: Map<String, Value>,
}

/// The direction of a body. An optional field of a request can also be `null`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

impl<'a> Names<'a> {
    /// Creates the collection with the schema of errors, to which every operation refers.
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self { settings, schemas: Map::from_iter([("Failure".to_owned(), failure())]) }
    }

    /// Returns the named schemas.
    pub(super) fn schemas(self) -> Value {
        self.schemas.into()
    }

    /// Returns the schema of a shape.
    pub(super) fn of(&mut self, shape: Shape, direction: Direction) -> Value {
        match shape {
            Shape::Object(object) => self.reference(object, direction),
            Shape::List(object) => json!({"type": "array", "items": self.reference(object, direction)}),
            Shape::Page(object) => {
                let item = self.reference(object, direction);
                self.named(&format!("{}Page", object.name), || page_of(&item))
            }
            Shape::PageOfAny { name, schemas } => {
                let any: Vec<Value> = schemas.iter().map(|one| self.reference(one, direction)).collect();
                let item = self.named(name, || json!({"oneOf": any}));
                self.named(&format!("{name}Page"), || page_of(&item))
            }
            Shape::Properties { removes: true } => self.named("PropertyChanges", || {
                json!({
                    "type": "object",
                    "description": "New values of properties, by name. `null` and an empty string remove a property.",
                    "maxProperties": MAX_CHANGES,
                    "additionalProperties": {"type": ["string", "null"], "maxLength": MAX_VALUE},
                })
            }),
            Shape::Properties { removes: false } => self.named("Properties", || {
                json!({
                    "type": "object",
                    "description": "Values of properties, by name.",
                    "additionalProperties": {"type": "string"},
                })
            }),
        }
    }

    fn reference(&mut self, object: &ObjectSchema, direction: Direction) -> Value {
        self.reference_as(object.name, object, direction)
    }

    fn reference_as(&mut self, name: &str, object: &ObjectSchema, direction: Direction) -> Value {
        let fields = object.fields();
        let properties: Map<String, Value> =
            fields.clone().map(|field| (field.name.to_owned(), self.field(field, direction))).collect();
        self.named(name, || {
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

    /// Returns the schema of a field.
    pub(super) fn field(&mut self, field: &Field, direction: Direction) -> Value {
        let mut schema = match field.kind {
            FieldKind::Object(object) => {
                let name = match direction {
                    Direction::Request => format!("{}Input", object.name),
                    Direction::Response => object.name.to_owned(),
                };
                self.reference_as(&name, object, direction)
            }
            FieldKind::Objects(object) => {
                json!({"type": "array", "items": self.reference(object, direction)})
            }
            _ => value_schema(field.kind, direction, self.settings),
        };
        schema["description"] = field.description.into();
        if field.nullable && direction == Direction::Request {
            or_null(&mut schema);
        }
        schema
    }

    fn named(&mut self, name: &str, schema: impl FnOnce() -> Value) -> Value {
        self.schemas.entry(name).or_insert_with(schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

/// Returns the schema of a value. The schema of an object is a named one.
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
        FieldKind::Language if direction == Direction::Request => {
            json!({"type": "string", "enum": settings.languages})
        }
        FieldKind::Language => text(1, usize::MAX),
        FieldKind::Uri => json!({"type": "string", "format": "uri", "maxLength": MAX_TEXT}),
        FieldKind::PhoneNumber => {
            json!({"type": "string", "pattern": format!("^(?:{})$", settings.msisdn_pattern)})
        }
        FieldKind::Pattern(pattern) => json!({"type": "string", "pattern": pattern}),
        FieldKind::Date => json!({"type": "string", "format": "date"}),
        FieldKind::DateTime => json!({"type": "string", "format": "date-time"}),
        FieldKind::UnsignedInteger => json!({"type": "integer", "minimum": 0, "maximum": u64::MAX}),
        FieldKind::IntegerUpTo(max) => json!({"type": "integer", "minimum": 0, "maximum": max}),
        FieldKind::Boolean => json!({"type": "boolean"}),
        FieldKind::Object(_) | FieldKind::Absent => json!({"type": "object"}),
        FieldKind::Objects(_) => json!({"type": "array"}),
    }
}

/// Returns the schema of a page of a list.
fn page_of(item: &Value) -> Value {
    json!({
        "type": "object",
        "description": "A page of a list.",
        "required": ["items", "_pagination", "_classifications"],
        "additionalProperties": false,
        "properties": {
            "items": {"type": "array", "items": item, "description": "Items on the page, in the order of the list."},
            "_pagination": {
                "type": "object",
                "required": ["limit"],
                "additionalProperties": false,
                "properties": {
                    "limit": {"type": "integer", "description": "Maximum number of items on the page."},
                    "continuationToken": {
                        "type": "string",
                        "description": "Cursor of the next page. Absent on the last page.",
                    },
                    "totalResult": {
                        "type": "integer",
                        "description": "Number of items on all pages. Only if the request asks for it.",
                    },
                },
            },
            "_classifications": {"type": "object", "description": "Data classes of the fields."},
        },
    })
}

/// Returns the schema of a string of `min` to `max` characters.
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

/// Returns the schema of a name with the limits of the naming policy, whose pattern is used unchanged.
fn name(settings: &Settings) -> Value {
    let policy = &settings.naming_policy;
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": policy.max_length(),
        "pattern": format!("^(?:{})$", policy.pattern()),
    })
}

/// Returns the schema of a string per language. Responses can contain languages that were configured before.
fn localized(direction: Direction, settings: &Settings, lower_case: bool) -> Value {
    let mut text = json!({"type": "string", "maxLength": MAX_TEXT});
    let others = match direction {
        Direction::Request => json!(false),
        Direction::Response => text.clone(),
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
    match schema.as_object_mut().and_then(|members| members.remove("$ref")) {
        Some(reference) => schema["anyOf"] = json!([{"$ref": reference}, {"type": "null"}]),
        None => schema["type"] = json!([schema["type"], "null"]),
    }
}

fn failure() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "type": "object",
        "description": "Errors of a request that was rejected or failed.",
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
                        "code": {"type": "string", "enum": codes, "description": "Machine-readable error code."},
                        "message": text("Human-readable message."),
                    },
                },
            },
            "policyViolations": {
                "type": "array",
                "description": "Violated elements of the policy.",
                "items": {
                    "type": "object",
                    "required": ["displayName", "configString", "suppliedValue", "limitValue", "actualValue"],
                    "additionalProperties": false,
                    "properties": {
                        "displayName": text("Name of the policy element."),
                        "configString": text("Configuration of the policy element."),
                        "suppliedValue": text("Value in the request."),
                        "limitValue": {
                            "type": ["integer", "string"],
                            "description": "Maximum length or pattern.",
                        },
                        "actualValue": text("Length of the value, or the value itself."),
                    },
                },
            },
        },
    })
}
