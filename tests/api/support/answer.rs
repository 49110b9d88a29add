//! Responses, received and expected. They are always compared as a whole.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};
use shared::http::{BASE_PATH, Response};

/// The headers that belong to the API. A host adds others.
const HEADERS: [&str; 13] = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "content-type",
    "created-id",
    "etag",
    "location",
    "retry-after",
    "www-authenticate",
];

/// A response, received or expected.
#[derive(Clone)]
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Headers of the API with all of their values.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    /// Body; `null` if there is none.
    pub(crate) body: Value,
    /// Path in `Location` relative to the base path of the API, before names are scrubbed.
    /// Comparisons use the header instead.
    pub(crate) leads_to: Option<String>,
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        (self.status, &self.headers, &self.body) == (other.status, &other.headers, &other.body)
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let headers = response.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::new(response.status.as_u16(), headers, response.body.unwrap_or_default(), true)
    }
}

impl Answer {
    /// Creates an answer from the response of a host. If `all_headers` is false, headers that do
    /// not belong to the API are dropped.
    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: Value, all_headers: bool) -> Self {
        let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in headers {
            if all_headers || HEADERS.contains(&name.as_str()) {
                kept.entry(name).or_default().push(value);
            }
        }
        let location = kept.get("location").and_then(|values| values.first());
        let leads_to = location.and_then(|url| Some(url.split_once(BASE_PATH)?.1.to_owned()));
        Self { status, headers: kept, body, leads_to }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.entry(name.to_owned()).or_default().push(value.to_owned());
        self
    }

    /// Returns a member of the body.
    ///
    /// Panics if the member is not a UUID of version 4.
    pub(crate) fn uuid(&self, name: &str) -> String {
        uuid(self.body[name].as_str().unwrap_or_else(|| panic!("no text {name} in {self:?}")))
    }

    /// Returns the last segment of `Location`.
    ///
    /// Panics if it is not a UUID of version 4.
    pub(crate) fn created_uuid(&self) -> String {
        let path = self.leads_to.as_deref().unwrap_or_else(|| panic!("no Location in {self:?}"));
        uuid(path.rsplit('/').next().unwrap_or_default())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = json!({"status": self.status, "headers": self.headers, "body": self.body});
        write!(formatter, "{answer:#}")
    }
}

fn expected(status: u16, body: Value) -> Answer {
    let answer = Answer { status, headers: BTreeMap::new(), body, leads_to: None };
    let answer = answer.with("cache-control", "no-store");
    if answer.body.is_null() { answer } else { answer.with("content-type", "application/json") }
}

/// Returns the text.
///
/// Panics if it is not a UUID of version 4.
fn uuid(text: &str) -> String {
    static UUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            .expect("a pattern")
    });
    assert!(UUID.is_match(text), "{text} is no UUID");
    text.to_owned()
}

/// Returns a 200 response with this body.
pub(crate) fn ok(body: Value) -> Answer {
    expected(200, body)
}

/// Returns a 200 response with this body and the `ETag` of a version.
pub(crate) fn ok_at(version: u64, body: Value) -> Answer {
    ok(body).with("etag", &format!("\"{version}\""))
}

/// Returns a 200 response with this body and the `ETag` of `answer`, for versions that depend on
/// other callers.
pub(crate) fn ok_like(answer: &Answer, body: Value) -> Answer {
    let version = answer.headers.get("etag").and_then(|tag| tag[0].trim_matches('"').parse().ok());
    ok_at(version.unwrap_or_else(|| panic!("no ETag in {answer:?}")), body)
}

/// Returns a 201 response with this body. `path` is the path of the new resource, and its last segment the
/// identifier, unless the body has one.
pub(crate) fn created(path: &str, body: Value) -> Answer {
    let last = path.rsplit('/').next().unwrap_or_default();
    let id = body["extId"].as_str().unwrap_or(last).to_owned();
    created_as(path, &id, body)
}

/// Returns a 201 response with this body and this identifier of the new resource.
pub(crate) fn created_as(path: &str, id: &str, body: Value) -> Answer {
    expected(201, body).with("location", &format!("<api>{path}")).with("created-id", id)
}

/// Returns a 204 response.
pub(crate) fn no_content() -> Answer {
    expected(204, Value::Null)
}

/// Returns an error response with one error.
pub(crate) fn refused(status: u16, code: &str, message: &str) -> Answer {
    refused_for(status, &[(code, message)])
}

/// Returns the response if the table or the keys are unavailable.
pub(crate) fn unavailable() -> Answer {
    refused(503, "errors.fatalError", "Service unavailable, try again later").with("retry-after", "1")
}

/// Returns an error response with several errors.
pub(crate) fn refused_for(status: u16, errors: &[(&str, &str)]) -> Answer {
    let errors: Vec<Value> =
        errors.iter().map(|(code, message)| json!({"code": code, "message": message})).collect();
    expected(status, json!({"errors": errors}))
}

/// Returns the response to a request with these invalid fields.
pub(crate) fn invalid_fields(names: &str) -> Answer {
    refused(422, "errors.invalidParameter", &format!("The following fields are not valid: {names}"))
}

/// Returns the response to a request whose object was modified concurrently too often.
pub(crate) fn busy() -> Answer {
    refused(409, "errors.optimisticLockingFailure", "The record was modified by another user")
}

/// Returns the response to a value of a unique property that another user already has.
pub(crate) fn not_unique(property: &str, value: &str) -> Answer {
    let message = format!(
        "Property Uniqueness (uScope is 'absolute') constraints violated by value '{value}' for property '{property}'."
    );
    refused(422, "errors.propertyUniquenessViolated", &message)
}

/// Returns the response to a request without a Bearer token.
pub(crate) fn unauthorized() -> Answer {
    refused(401, "errors.invalidJWTToken", "Invalid JWT token.").with("www-authenticate", "Bearer")
}

/// Returns the response to an invalid Bearer token.
pub(crate) fn invalid_token() -> Answer {
    let challenge = r#"Bearer error="invalid_token""#;
    refused(401, "errors.invalidJWTToken", "Invalid JWT token.").with("www-authenticate", challenge)
}

/// Returns the response to invalid values of `Authorization`: a token came if there are several values,
/// or if text follows the scheme `Bearer`.
pub(crate) fn invalid_authorization(values: &[&str]) -> Answer {
    let came = match values {
        [] => false,
        [one] => {
            let (scheme, token) = one.trim_matches([' ', '\t']).split_once(' ').unwrap_or_default();
            scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()
        }
        [_, _, ..] => true,
    };
    if came { invalid_token() } else { unauthorized() }
}

/// Returns the response to a caller none of whose roles grants a right.
pub(crate) fn missing_right(right: &str) -> Answer {
    let message = format!(
        "Permission denied: Caller does not have the required right 'AccessControl.{right}' to perform this action"
    );
    refused(403, "errors.insufficientRightsFunction", &message)
}

/// Returns the response to a caller whose right does not cover the object.
pub(crate) fn outside_data_room(right: &str) -> Answer {
    refused(403, "errors.combinedDataroomDenied", &format!("Permission denied: AccessControl.{right}"))
}

/// Returns the health with these checks: of the table, of the keys of each issuer, and of the keys of the
/// X-Tokens.
pub(crate) fn health_answer(table: bool, bearer_keys: &[bool], x_token_keys: bool) -> Answer {
    let status = |passes: bool| if passes { "pass" } else { "fail" };
    let checks =
        |all: &[bool]| all.iter().map(|passes| json!({"status": status(*passes)})).collect::<Value>();
    let passes = table && x_token_keys && bearer_keys.iter().all(|passes| *passes);
    let checks = json!({
        "table": checks(&[table]),
        "bearerKeys": checks(bearer_keys),
        "xTokenKeys": checks(&[x_token_keys]),
    });
    let healthy = ok(json!({"status": status(passes), "checks": checks}));
    if passes { healthy } else { Answer { status: 503, ..healthy }.with("retry-after", "1") }
}
