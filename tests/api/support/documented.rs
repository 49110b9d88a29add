//! Responses that the API description documents, for tests that cannot predict the response.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::answer::{Answer, refused};
use crate::description::{description, operations};

/// The documented responses by operation and status.
pub(crate) struct Documented(BTreeMap<(&'static str, u16), Described>);

struct Described {
    /// Headers, with the value if it is constant.
    headers: BTreeMap<String, Option<String>>,
    /// Validator of the body; `None` if there is no body.
    body: Option<Validator>,
    /// Error codes.
    codes: BTreeSet<String>,
}

impl Documented {
    /// Returns the responses of the description that the code generates. They are read once for all tests.
    pub(crate) fn get() -> &'static Self {
        static DOCUMENTED: LazyLock<Documented> = LazyLock::new(Documented::read);
        &DOCUMENTED
    }

    fn read() -> Self {
        let mut description = description();
        // Clients must accept what later versions add. This version responds with what it describes.
        close(&mut description["components"]["schemas"]);
        let mut answers = BTreeMap::new();
        for (id, operation) in operations(&description) {
            for (status, response) in operation["responses"].as_object().expect("answers") {
                let status = status.parse().expect("a status");
                answers.insert((id, status), Described::read(response, &description["components"]));
            }
        }
        Self(answers)
    }

    /// Asserts that an operation documents this response and that it is not a server error.
    ///
    /// The response to an unknown path is documented once for all operations and is always
    /// accepted.
    pub(crate) fn assert_documented(&self, id: &'static str, answer: &Answer, what: impl Display) {
        let no_route = refused(404, "errors.invalidUri", "No resource exists at this address");
        if *answer == no_route {
            return;
        }
        assert!(answer.status < 500, "{id} fails with {what}: {answer:?}");
        let described = self.0.get(&(id, answer.status));
        let difference = described.map_or(Some("status"), |described| described.first_difference(answer));
        assert_eq!(difference, None, "{id} with {what}: {answer:?}");
    }
}

/// Closes all objects that have certain members, and all texts that have certain values, at any depth.
pub(crate) fn close(schema: &mut Value) {
    if let Value::Object(members) = schema {
        if members.get("properties").is_some_and(Value::is_object)
            && !members.contains_key("additionalProperties")
        {
            members.insert("additionalProperties".to_owned(), false.into());
        }
        if let Some(known) = members.remove("x-extensible-enum") {
            members.insert("enum".to_owned(), known);
        }
        members.values_mut().for_each(close);
    } else if let Value::Array(schemas) = schema {
        schemas.iter_mut().for_each(close);
    }
}

impl Described {
    fn read(response: &Value, components: &Value) -> Self {
        let mut headers = BTreeMap::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let reference = header["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
            let header = reference.map_or(header, |name| &components["headers"][name]);
            let value = header["schema"]["const"].as_str().map(str::to_owned);
            headers.insert(name.to_lowercase(), value);
        }
        let content = response.pointer("/content/application~1json");
        let body = content.map(|content| {
            let schema = json!({"allOf": [content["schema"]], "components": components});
            jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("a schema")
        });
        if body.is_some() {
            headers.insert("content-type".to_owned(), Some("application/json".to_owned()));
        }
        let examples = content.and_then(|content| content["examples"].as_object()).into_iter().flatten();
        let codes = examples.filter_map(|(_, example)| example["value"]["errors"][0]["code"].as_str());
        Self { headers, body, codes: codes.map(str::to_owned).collect() }
    }

    /// Returns the first part of a response that differs from the description.
    fn first_difference(&self, answer: &Answer) -> Option<&'static str> {
        let is_described =
            |(name, values): (&String, &Vec<String>)| match (self.headers.get(name), &values[..]) {
                (Some(Some(described)), [value]) => value == described,
                (Some(None), [_]) => true,
                _ => false,
            };
        if answer.headers.len() != self.headers.len() || !answer.headers.iter().all(is_described) {
            return Some("headers");
        }
        let is_valid = self.body.as_ref().map_or(answer.body.is_null(), |body| body.is_valid(&answer.body));
        if !is_valid {
            return Some("body");
        }
        let errors = answer.body["errors"].as_array().into_iter().flatten();
        let mut codes = errors.map(|error| error["code"].as_str().unwrap_or_default());
        if !codes.all(|code| self.codes.contains(code)) {
            return Some("code");
        }
        let has_violations = answer.body.get("policyViolations").is_some();
        let is_of_policy = answer.body["errors"][0]["code"] == "errors.identifierPolicyViolated";
        (has_violations != is_of_policy).then_some("policyViolations")
    }
}
