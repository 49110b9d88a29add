//! The error responses of an operation, which follow from its entry, path, body and own failures.
//!
//! Each error is described by an example with its actual message.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::error::{ApiError, TokenRefusal};
use shared::operation::{Entry, Operation};
use shared::policy::{DEFAULT_MAX_LENGTH, Limit, PolicyViolation};
use shared::service::ResourceScope;

use super::parameters;
use shared::entity::schema::FieldKind;
use shared::ids::ClientExtId;
use shared::operation::description::{Body, Shape};
use shared::service::IF_MATCH;
use shared::service::idempotency::IDEMPOTENCY_KEY;

/// Returns an example of each error, in the order of the checks.
fn of(operation: &Operation) -> Vec<ApiError> {
    let mut failures = vec![ApiError::TooLarge];
    if let Entry::Authenticated { needs, subject, .. } = operation.entry {
        failures.push(ApiError::InvalidBearerToken(TokenRefusal::Missing));
        failures.push(ApiError::InvalidBearerToken(TokenRefusal::Signature));
        if needs.requires_x_token() {
            failures.push(ApiError::InvalidXToken(TokenRefusal::Missing));
        }
        if let Some(right) = needs.groups().concat().first() {
            failures.push(ApiError::MissingRight(*right));
            if subject.scope == ResourceScope::NewClient {
                failures.push(ApiError::SingleClientMode);
            }
            failures.push(ApiError::DataRoomDenied(*right));
        }
    }
    if operation.has_preconditions() {
        failures.push(ApiError::InvalidFields(vec![IF_MATCH.to_owned()]));
        failures.push(ApiError::OptimisticLocking);
    }
    if operation.is_change() {
        failures.push(ApiError::InvalidFields(vec![IDEMPOTENCY_KEY.to_owned()]));
        failures.push(ApiError::IdempotencyKeyReused);
    }
    if let Some(parameter) = operation.description.query.first() {
        failures.push(ApiError::InvalidFields(vec![parameter.name.to_owned()]));
    }
    if let Some(body) = operation.description.body {
        failures.extend([ApiError::UnsupportedMediaType, ApiError::UnsupportedEncoding]);
        failures.extend([ApiError::EmptyBody, ApiError::MalformedJson]);
        failures.push(ApiError::InvalidFields(vec![first_field(body).to_owned()]));
        if has_names(body) {
            failures.push(ApiError::NamingPolicy(vec![PolicyViolation {
                limit: Limit::Length(DEFAULT_MAX_LENGTH),
                supplied: "a".repeat(DEFAULT_MAX_LENGTH + 1),
            }]));
        }
    }
    if parameters::names(operation.path).any(|name| name == "clientExtId") {
        failures.push(functions::clients::missing(&ClientExtId::unchecked("client-123")));
    }
    failures.extend((operation.description.failures)());
    failures.push(ApiError::Internal);
    if matches!(operation.entry, Entry::Authenticated { .. }) {
        failures.push(ApiError::Unavailable);
    }
    failures
}

/// Returns a field for the example of an invalid field.
fn first_field(body: Body) -> &'static str {
    match body.shape {
        Shape::Object(object) | Shape::List(object) | Shape::Page(object) => {
            let mut fields = object.fields();
            fields.clone().find(|field| field.required).or(fields.next()).map_or("", |field| field.name)
        }
        Shape::PageOfAny { .. } => "",
        Shape::Properties { .. } => "employee_id",
    }
}

/// Returns true if the naming policy applies to a field of the body.
fn has_names(body: Body) -> bool {
    let is_name = |kind| matches!(kind, FieldKind::Name | FieldKind::ExtId(_));
    match body.shape {
        Shape::Object(object) | Shape::List(object) | Shape::Page(object) => {
            object.fields().any(|field| is_name(field.kind))
        }
        Shape::PageOfAny { .. } | Shape::Properties { .. } => false,
    }
}

/// Returns the error responses by status.
pub(super) fn responses(operation: &Operation) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<ApiError>> = BTreeMap::new();
    for failure in of(operation) {
        by_status.entry(failure.status().as_u16()).or_default().push(failure);
    }
    by_status.into_iter().map(|(status, failures)| (status.to_string(), response(&failures))).collect()
}

fn response(failures: &[ApiError]) -> Value {
    let mut examples = Map::new();
    let mut headers = json!({"Cache-Control": {"$ref": "#/components/headers/CacheControl"}});
    for failure in failures {
        if let Some((header, value)) = failure.header() {
            headers[title_case(header)] = described(headers.get(title_case(header)), value);
        }
        let (code, message) = failure.entries().swap_remove(0);
        if examples.values().any(|example: &Value| example["value"] == failure.body()) {
            continue;
        }
        let name = code.as_str().trim_start_matches("errors.");
        let number = examples.keys().filter(|key| key.starts_with(name)).count() + 1;
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        examples.insert(name, json!({"summary": message, "value": failure.body()}));
    }
    let status = failures[0].status();
    let schema = if matches!(failures[0], ApiError::Unhealthy(_)) { "Health" } else { "Failure" };
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    json!({
        "description": status.canonical_reason().unwrap_or_default(),
        "headers": headers,
        "content": {
            "application/json": {"schema": schema, "examples": examples},
        },
    })
}

/// Returns the description of a header that has this value, or one of those that are described already.
fn described(header: Option<&Value>, value: String) -> Value {
    let mut values: Vec<Value> = Vec::new();
    if let Some(schema) = header.map(|header| &header["schema"]) {
        values.extend(schema.get("const").cloned());
        values.extend(schema.get("enum").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    values.push(value.into());
    values.dedup();
    let mut schema = json!({"type": "string", "enum": values});
    if let [value] = &values[..] {
        schema = json!({"type": "string", "const": value});
    }
    json!({"required": true, "schema": schema})
}

/// Returns `retry-after` as `Retry-After`. The only exception to title case is `WWW-Authenticate`.
fn title_case(header: &str) -> String {
    if header == "www-authenticate" {
        return "WWW-Authenticate".to_owned();
    }
    let words: Vec<String> = header.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    words.join("-")
}
