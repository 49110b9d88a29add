//! JSON Schemas (2020-12) of request and response bodies.

use std::collections::BTreeMap;

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

/// Where a value occurs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// In the body of a request. An optional field can also be `null`.
    Request,
    /// In the query string of a request.
    Query,
    /// In the body of a response. A client must accept what later versions and other configurations of the service
    /// respond with: further members, further names of an enumeration, and texts beyond the present limits.
    Response,
}

/// The extension with the known values of a text that can have others.
const KNOWN_VALUES: &str = "x-extensible-enum";

impl<'a> Names<'a> {
    /// Creates the collection with the schemas of errors, to which every operation refers.
    pub(super) fn new(settings: &'a Settings) -> Self {
        let schemas =
            [("Failure", failure()), ("ErrorEntry", error_entry()), ("PolicyViolation", violation())];
        let schemas = schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
        Self { settings, schemas }
    }

    /// Creates a collection without schemas.
    pub(super) fn empty(settings: &'a Settings) -> Self {
        Self { settings, schemas: Map::new() }
    }

    /// Returns the named schemas.
    pub(super) fn schemas(self) -> Map<String, Value> {
        self.schemas
    }

    /// Returns the schema of a shape.
    pub(super) fn of(&mut self, shape: Shape, direction: Direction) -> Value {
        match shape {
            Shape::Object(object) => self.reference(object, direction),
            Shape::List(object) => json!({"type": "array", "items": self.reference(object, direction)}),
            Shape::Page(object) => {
                let item = self.reference(object, direction);
                self.page(object.name, &item)
            }
            Shape::PageOfAny { name, schemas } => {
                let mut any: Vec<Value> = schemas.iter().map(|one| self.reference(one, direction)).collect();
                any.push(self.named(&format!("Other{name}"), || other_than(schemas)));
                let description = "One of several kinds, or of a later one.";
                let item = self.named(name, || json!({"description": description, "oneOf": any}));
                self.page(name, &item)
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
            });
            if direction == Direction::Request {
                schema["additionalProperties"] = false.into();
            }
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
                self.reference_as(&direction.name_of(object.name), object, direction)
            }
            FieldKind::Objects(object) => {
                json!({"type": "array", "items": self.reference(object, direction)})
            }
            FieldKind::LocalizedText { lower_case } => {
                let name = if lower_case { "LocalizedUrls" } else { "LocalizedText" };
                let schema = localized(direction, self.settings, lower_case);
                self.named(&direction.name_of(name), || schema)
            }
            FieldKind::TextMap => self.named(&direction.name_of("TextMap"), || text_map(direction)),
            _ => value_schema(field.kind, direction, self.settings),
        };
        if field.nullable && direction == Direction::Request {
            return or_null(schema, field.description);
        }
        schema["description"] = field.description.into();
        schema
    }

    /// Returns the schema of a page of the list of these items.
    fn page(&mut self, name: &str, item: &Value) -> Value {
        let pagination = self.named("Pagination", pagination);
        let classifications = self.named("Classifications", classifications);
        self.named(&format!("{name}Page"), || {
            json!({
                "type": "object",
                "description": "A page of a list.",
                "required": ["items", "_pagination", "_classifications"],
                "properties": {
                    "items": {"type": "array", "items": item, "description": "Items on the page, in the order of the list."},
                    "_pagination": pagination,
                    "_classifications": classifications,
                },
            })
        })
    }

    fn named(&mut self, name: &str, schema: impl FnOnce() -> Value) -> Value {
        self.schemas.entry(name).or_insert_with(schema);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

impl Direction {
    /// Returns the name of a schema that requests and responses have in different forms.
    fn name_of(self, name: &str) -> String {
        match self {
            Self::Request => format!("{name}Input"),
            Self::Query | Self::Response => name.to_owned(),
        }
    }
}

/// Returns the schema of a value. The schema of an object is a named one.
fn value_schema(kind: FieldKind, direction: Direction, settings: &Settings) -> Value {
    let is_response = direction == Direction::Response;
    match kind {
        FieldKind::Name
        | FieldKind::ExtId(_)
        | FieldKind::Text { .. }
        | FieldKind::Pattern(_)
        | FieldKind::PhoneNumber
        | FieldKind::Language
            if is_response =>
        {
            json!({"type": "string"})
        }
        FieldKind::Uri if is_response => json!({"type": "string", "format": "uri"}),
        FieldKind::Enum(texts) if is_response => json!({"type": "string", KNOWN_VALUES: texts}),
        FieldKind::TextSet if is_response => json!({"type": "array", "items": {"type": "string"}}),
        FieldKind::UnsignedInteger | FieldKind::IntegerUpTo(_) if is_response => {
            json!({"type": "integer", "minimum": 0})
        }
        FieldKind::Name => name(settings),
        FieldKind::ExtId(reserved) => {
            let mut schema = name(settings);
            let never = [&[".", ".."], reserved].concat();
            schema["not"] = json!({"enum": never});
            schema
        }
        FieldKind::Text { min, max } => text(min, max),
        FieldKind::Enum(texts) => json!({"type": "string", "enum": texts}),
        FieldKind::Constant(text) => json!({"type": "string", "const": text}),
        FieldKind::TextSet => json!({"type": "array", "items": text(1, MAX_TEXT), "uniqueItems": true}),
        FieldKind::Language => json!({"type": "string", "enum": settings.languages}),
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
        FieldKind::Object(_) | FieldKind::LocalizedText { .. } | FieldKind::TextMap | FieldKind::Absent => {
            json!({"type": "object"})
        }
        FieldKind::Objects(_) => json!({"type": "array"}),
    }
}

/// Returns the schema of an object that none of these schemas describes, because its constant is another one.
fn other_than(schemas: &[&ObjectSchema]) -> Value {
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for field in schemas.iter().flat_map(|schema| schema.fields()) {
        if let FieldKind::Constant(text) = field.kind {
            known.entry(field.name).or_default().push(text);
        }
    }
    let required: Vec<&str> = known.keys().copied().collect();
    let property = |(name, texts)| (name, json!({"type": "string", "not": {"enum": texts}}));
    json!({
        "type": "object",
        "description": "An object of a kind that a later version of the service has.",
        "required": required,
        "properties": known.into_iter().map(property).collect::<BTreeMap<_, _>>(),
    })
}

/// Returns the schema of the position of a page.
fn pagination() -> Value {
    json!({
        "type": "object",
        "description": "The limit of a page, and what follows it.",
        "required": ["limit"],
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
    })
}

fn classifications() -> Value {
    json!({"type": "object", "description": "Data classes of the fields."})
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

/// Returns the schema of a string for each key that the caller chooses.
fn text_map(direction: Direction) -> Value {
    let text = if direction == Direction::Response { text(0, usize::MAX) } else { text(1, MAX_TEXT) };
    json!({"type": "object", "description": "A text for each name.", "additionalProperties": text})
}

/// Returns the schema of a string per language. Responses can contain languages that were configured before.
fn localized(direction: Direction, settings: &Settings, lower_case: bool) -> Value {
    let (text, others) = if direction == Direction::Response {
        (json!({"type": "string"}), json!({"type": "string"}))
    } else {
        (json!({"type": ["string", "null"], "maxLength": MAX_TEXT}), json!(false))
    };
    let key = |language: &String| {
        if lower_case { language.to_ascii_lowercase() } else { language.clone() }
    };
    let languages: Map<String, Value> =
        settings.languages.iter().map(|language| (key(language), text.clone())).collect();
    json!({
        "type": "object",
        "description": "A text for each language.",
        "properties": languages,
        "additionalProperties": others,
    })
}

/// Makes the schema of a value with this description accept `null` too.
fn or_null(schema: Value, description: &str) -> Value {
    if schema["$ref"].is_null() && schema["enum"].is_null() {
        let mut schema = schema;
        schema["type"] = json!([schema["type"], "null"]);
        schema["description"] = description.into();
        return schema;
    }
    // A type besides a reference or an enumeration does not make `null` valid.
    json!({"anyOf": [schema, {"type": "null"}], "description": description})
}

fn failure() -> Value {
    json!({
        "type": "object",
        "description": "Errors of a request that was rejected or failed.",
        "required": ["errors"],
        "properties": {
            "errors": {
                "type": "array",
                "minItems": 1,
                "description": "Errors, in the order of the checks.",
                "items": {"$ref": "#/components/schemas/ErrorEntry"},
            },
            "policyViolations": {
                "type": "array",
                "description": "Violated elements of the policy.",
                "items": {"$ref": "#/components/schemas/PolicyViolation"},
            },
        },
    })
}

fn error_entry() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "An error.",
        "required": ["code", "message"],
        "properties": {
            "code": {
                "type": "string",
                KNOWN_VALUES: codes,
                "description": "Machine-readable error code. Later versions can have further ones.",
            },
            "message": {"type": "string", "description": "Human-readable message."},
        },
    })
}

fn violation() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "type": "object",
        "description": "A violated element of the policy.",
        "required": ["displayName", "configString", "suppliedValue", "limitValue", "actualValue"],
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
    })
}
