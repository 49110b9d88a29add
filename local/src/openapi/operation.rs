//! The description of an operation: texts, rights, bodies and links.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::auth::{Needs, SelfService};
use shared::operation::description::{Body, Link, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;

use super::schemas::{Direction, Names};
use super::{example, examples, failures, parameters};
use crate::error::Error;

/// Returns the description of an operation.
pub(super) fn describe(
    operation: &Operation,
    names: &mut Names<'_>,
    unique: Option<&str>,
) -> Result<Value, Error> {
    let description = &operation.description;
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.noun()],
        "summary": description.summary,
        "description": format!("{}\n\n{}", description.details, rights_in_words(operation.entry)),
        "security": security(operation.entry),
        "responses": responses(operation, names),
    });
    let parameters = parameters::of(operation, names)?;
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = description.body {
        let mut content = content(body, Direction::Request, names);
        content["application/json"]["example"] = json!(example(operation, unique));
        described["requestBody"] = json!({"required": true, "content": content});
    }
    Ok(described)
}

/// Returns the headers to which responses refer.
pub(super) fn headers() -> Value {
    json!({
        "CacheControl": {
            "description": "Responses contain personal data and must not be cached.",
            "required": true,
            "schema": {"type": "string", "const": "no-store"},
        },
        "Created-Id": {
            "description": "Identifier of the created entity: its extId or `propertyId`, the version of the \
                terms of a consent, the extId of the dispatch target of an app attestation, or the ID of a deletion. `%`, \
                blanks and other characters than visible ASCII are percent-encoded.",
            "required": true,
            "schema": {"type": "string"},
        },
        "ETag": {
            "description": "Version of the entity, for `If-Match`.",
            "required": true,
            "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"},
        },
        "Location": {
            "description": "Absolute URL of the created entity.",
            "required": true,
            "schema": {"type": "string", "format": "uri"},
        },
    })
}

/// Returns the security requirements: alternatives, each with members that are all required.
fn security(entry: Entry) -> Value {
    match entry {
        Entry::Public { .. } => json!([]),
        Entry::Authenticated { needs, .. } => {
            let others = alternatives(needs).into_iter().map(|rights| json!({"bearerToken": rights}));
            let as_self = match needs.self_service() {
                SelfService::None => None,
                SelfService::Allowed => Some(json!({"bearerToken": [Right::SelfAdmin.name()]})),
                SelfService::WithXToken => {
                    Some(json!({"bearerToken": [Right::SelfAdmin.name()], "xToken": []}))
                }
            };
            others.chain(as_self).collect()
        }
    }
}

/// Returns every combination of one right of each group.
fn alternatives(needs: Needs) -> Vec<Vec<&'static str>> {
    let mut alternatives = vec![Vec::new()];
    for group in needs.groups() {
        let with = |rights: &Vec<&'static str>, right: &Right| [&rights[..], &[right.name()]].concat();
        alternatives = group
            .iter()
            .flat_map(|right| alternatives.iter().map(move |rights| with(rights, right)))
            .collect();
    }
    alternatives
}

fn rights_in_words(entry: Entry) -> String {
    let Entry::Authenticated { needs, .. } = entry else { return "Requires no token.".to_owned() };
    let required = needs.in_words(|right| format!("`{right}`"));
    if required.is_empty() {
        return "Requires no right.".to_owned();
    }
    let as_self = match needs.self_service() {
        SelfService::None => "",
        SelfService::Allowed => " Active users can also act on themselves with `AccessControl.SelfAdmin`.",
        SelfService::WithXToken => {
            " Active users can also act on themselves with `AccessControl.SelfAdmin`. If the caller is the \
             user of the path, an `X-Token` is also required."
        }
    };
    format!("Requires {required}.{as_self}")
}

fn content(body: Body, direction: Direction, names: &mut Names<'_>) -> Value {
    let schema = names.of(body.shape, direction);
    json!({"application/json": {"schema": schema, "example": examples::of(body)}})
}

fn responses(operation: &Operation, names: &mut Names<'_>) -> Map<String, Value> {
    let none: &[&str] = &[];
    let (status, reason, body, headers) = match operation.description.success {
        Success::Ok(body) => ("200", "OK", Some(body), none),
        Success::Entity(body) => ("200", "OK", Some(body), &["ETag"][..]),
        Success::Created(body) => ("201", "Created", body, &["Created-Id", "Location"][..]),
        Success::CreatedEntity(body) => {
            ("201", "Created", Some(body), &["Created-Id", "ETag", "Location"][..])
        }
        Success::NoContent | Success::Deletion => ("204", "No content", None, none),
    };
    let response = |reason: &str, headers: &[&str]| {
        let mut response = json!({
            "description": reason,
            "headers": {"Cache-Control": {"$ref": "#/components/headers/CacheControl"}},
        });
        for header in headers {
            response["headers"][*header] = json!({"$ref": format!("#/components/headers/{header}")});
        }
        response
    };
    let mut success = response(reason, headers);
    if let Some(body) = body {
        success["content"] = content(body, Direction::Response, names);
    }
    let links: BTreeMap<&str, Value> =
        operation.description.links.iter().map(|it| (it.operation, link(it))).collect();
    if !links.is_empty() {
        success["links"] = json!(links);
    }
    let mut responses = failures::responses(operation);
    responses.insert(status.to_owned(), success);
    if matches!(operation.description.success, Success::Deletion) {
        let begun = response("Begun: `Location` is the deletion, which goes on", &["Created-Id", "Location"]);
        responses.insert("202".to_owned(), begun);
    }
    responses
}

fn link(link: &Link) -> Value {
    let parameters: BTreeMap<&str, String> = link
        .parameters
        .iter()
        .map(|(name, source)| {
            let expression = match source {
                Source::Path => format!("$request.path.{name}"),
                Source::CreatedId => "$response.header.Created-Id".to_owned(),
            };
            (*name, expression)
        })
        .collect();
    json!({"operationId": link.operation, "parameters": parameters})
}
