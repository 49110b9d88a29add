//! Validation of bodies, before stored data is read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::dispatch_targets::{ATTESTATION_FIELDS, TARGET_FIELDS};
use super::steps::Body;
use crate::support::answer::invalid_fields;
use crate::support::{Answer, refused};

const LANGUAGES: [&str; 4] = ["DE", "EN", "FR", "IT"];
const PATTERN: &str = r"[A-Za-z0-9\-@./_:()\\{}\[\]=!~+]+";

/// The types of fields.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    RequiredText,
    Name,
    Remark,
    Texts,
    LoginId,
    /// The state of a user.
    State,
    Language,
    Flag,
    Contacts,
    /// Addresses by language in lower case.
    Urls,
    RequiredFlag,
    /// A URI, of which the model knows those that begin with `https:`.
    Uri,
    /// A text that may be empty, but not omitted.
    RequiredRemark,
    /// An app attestation.
    Attestation,
    /// A dispatch target.
    Target,
}

/// Returns the body as a JSON object.
pub(super) fn object(body: &Body) -> Result<Map<String, Value>, Answer> {
    match body {
        Body::None => Err(refused(400, "errors.nullRequestBody", "The request body must not be empty")),
        Body::Untyped(_) => {
            Err(refused(415, "errors.unsupportedMediaType", "Content-Type must be application/json"))
        }
        Body::Json(Value::Object(members)) => Ok(members.clone()),
        Body::Json(_) | Body::Broken => {
            Err(refused(400, "errors.jsonProcessingError", "The request body is not a valid JSON object"))
        }
    }
}

/// Returns the fields that are present, if all are valid. `null` is equivalent to absent.
pub(super) fn fields(body: &Body, kinds: &[(&str, Kind)]) -> Result<Map<String, Value>, Answer> {
    let mut members = object(body)?;
    let mut invalid: BTreeSet<String> =
        members.keys().filter(|name| kinds.iter().all(|(known, _)| known != name)).cloned().collect();
    members.retain(|_, value| !value.is_null());
    for (name, kind) in kinds {
        match (members.get_mut(*name), kind) {
            (None, Kind::RequiredText | Kind::RequiredRemark | Kind::RequiredFlag | Kind::Uri) => {
                invalid.insert((*name).to_owned());
            }
            (Some(Value::Object(texts)), Kind::Texts | Kind::Urls) => {
                let is_known = |language: &str| match kind {
                    Kind::Urls => LANGUAGES.iter().any(|known| known.to_lowercase() == language),
                    _ => LANGUAGES.contains(&language),
                };
                texts.retain(|language, text| !text.is_null() || !is_known(language));
                let wrong = texts.iter().filter(|(language, text)| {
                    !is_known(language) || characters(text).is_none_or(|count| count > 4000)
                });
                invalid.extend(wrong.map(|(language, _)| format!("{name}.{language}")));
            }
            (Some(Value::Object(members)), Kind::Contacts) => {
                let known = ["telephone", "telefax", "mobile", "email"];
                let is_wrong = |(name, value): &(&String, &Value)| {
                    !known.contains(&name.as_str()) || !value.is_null() && !value.is_string()
                };
                let wrong = members.iter().filter(is_wrong);
                invalid.extend(wrong.map(|(member, _)| format!("{name}.{member}")));
                members.retain(|_, value| !value.is_null());
            }
            (Some(value), Kind::LoginId | Kind::State | Kind::Language | Kind::Flag | Kind::Contacts) => {
                let text = value.as_str().unwrap_or_default();
                let is_valid = match kind {
                    Kind::LoginId => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()),
                    Kind::State => !text.is_empty() && text != "archived",
                    Kind::Language => LANGUAGES.contains(&text),
                    Kind::Flag => value.is_boolean(),
                    _ => false,
                };
                if !is_valid {
                    invalid.insert((*name).to_owned());
                }
            }
            (Some(Value::Object(members)), Kind::Attestation | Kind::Target) => {
                let kinds =
                    if matches!(kind, Kind::Target) { &TARGET_FIELDS[..] } else { &ATTESTATION_FIELDS };
                let unknown = members.keys().filter(|name| kinds.iter().all(|(known, _)| known != name));
                let mut wrong: Vec<String> = unknown.cloned().collect();
                members.retain(|_, value| !value.is_null());
                let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
                wrong.extend(kinds.iter().filter_map(|(member, kind)| {
                    let is_required = matches!(kind, Kind::RequiredText);
                    let is_valid = members.get(*member).map_or(!is_required, is_text);
                    (!is_valid).then(|| (*member).to_owned())
                }));
                invalid.extend(wrong.iter().map(|member| format!("{name}.{member}")));
            }
            (Some(value), Kind::Uri) => {
                if !value.as_str().is_some_and(|text| text.starts_with("https:")) {
                    invalid.insert((*name).to_owned());
                }
            }
            (Some(value), Kind::RequiredFlag) => {
                if !value.is_boolean() {
                    invalid.insert((*name).to_owned());
                }
            }
            (Some(value), kind) => {
                let range = match kind {
                    Kind::RequiredText | Kind::Name => Some(1..=usize::MAX),
                    Kind::Remark | Kind::RequiredRemark => Some(0..=1000),
                    _ => None,
                };
                let fits = |count| range.is_some_and(|range| range.contains(&count));
                if !characters(value).is_some_and(fits) {
                    invalid.insert((*name).to_owned());
                }
            }
            (None, _) => {}
        }
    }
    if invalid.is_empty() { Ok(members) } else { Err(invalid_names(invalid)) }
}

/// Returns the members of a change, if all are valid. Required ones may be absent, but not `null`.
pub(super) fn changes(body: &Body, kinds: &[(&str, Kind)]) -> Result<Map<String, Value>, Answer> {
    let given = object(body)?;
    let kinds: Vec<_> = kinds.iter().copied().filter(|(name, _)| given.contains_key(*name)).collect();
    fields(body, &kinds)?;
    Ok(given)
}

/// Merges a change into an item (RFC 7396). Texts by language remain an object.
pub(super) fn merge(item: &mut Value, changes: Map<String, Value>, kinds: &[(&str, Kind)]) {
    for (name, value) in changes {
        let is_texts =
            kinds.iter().any(|(known, kind)| *known == name && matches!(kind, Kind::Texts | Kind::Urls));
        match value {
            Value::Null if is_texts => item[&name] = json!({}),
            Value::Null => drop(item.as_object_mut().expect("an item").remove(&name)),
            Value::Object(texts) => {
                if item[&name].is_null() {
                    item[&name] = json!({});
                }
                let present = item[&name].as_object_mut().expect("an object");
                for (language, text) in texts {
                    match text {
                        Value::Null => drop(present.remove(&language)),
                        text => drop(present.insert(language, text)),
                    }
                }
                if present.is_empty() && !is_texts {
                    item.as_object_mut().expect("an item").remove(&name);
                }
            }
            value => item[&name] = value,
        }
    }
}

/// Returns the response to these invalid fields.
pub(super) fn invalid_names(names: BTreeSet<String>) -> Answer {
    invalid_fields(&names.into_iter().collect::<Vec<_>>().join(", "))
}

fn characters(value: &Value) -> Option<usize> {
    value.as_str().map(|text| text.chars().count())
}

/// Checks the naming policy. Identifiers are marked with `true`; they also cannot be `.`, `..` or
/// one of `reserved`.
pub(super) fn naming(names: &[(Option<&str>, bool)], reserved: &[&str]) -> Result<(), Answer> {
    let mut violations = Vec::new();
    for (name, is_id) in names {
        let Some(name) = name else { continue };
        let count = name.chars().count();
        let is_allowed = name.chars().all(|c| c.is_ascii_alphanumeric() || "-@./_:()\\{}[]=!~+".contains(c));
        let is_reserved = *is_id && ([".", ".."].contains(name) || reserved.contains(name));
        if count > 129 {
            violations.push((json!(129), "129".to_owned(), *name, count.to_string()));
        } else if !is_allowed || is_reserved {
            violations.push((json!(PATTERN), PATTERN.to_owned(), *name, (*name).to_owned()));
        }
    }
    if violations.is_empty() {
        return Ok(());
    }
    let errors = violations.iter().map(|(_, config, _, actual)| {
        let message = format!(
            "ch.nevis.idm.policy.PolicyViolation: Policy failed:\nch.nevis.idm.policy.element.PolicyElementViolation<element=Regex policy violation limit={config}, actualValue={actual}>"
        );
        json!({"code": "errors.identifierPolicyViolated", "message": message})
    });
    let details = violations.iter().map(|(limit, config, supplied, actual)| {
        json!({
            "displayName": "Regex policy violation", "configString": config, "suppliedValue": supplied,
            "limitValue": limit, "actualValue": actual,
        })
    });
    let mut answer = refused(422, "", "");
    answer.body =
        json!({"errors": errors.collect::<Vec<_>>(), "policyViolations": details.collect::<Vec<_>>()});
    Err(answer)
}
