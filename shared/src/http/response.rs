//! Responses as handlers return them.

use lambda_http::http::StatusCode;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::error::ApiError;

/// The name of the `ETag` header.
pub const ETAG: &str = "etag";
/// The name of the header with the identifier of a created resource.
pub const CREATED_ID: &str = "created-id";
/// The ASCII characters that are percent-encoded in the identifier of a created resource: those that a header cannot
/// carry, and `%`, so that decoding is unambiguous. Every identifier that the default naming policy allows stays as
/// it is.
const NOT_IN_ID: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The headers, with names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body, if there is one.
    pub body: Option<Value>,
}

impl Response {
    /// Creates a response with this status, the URL of a created resource and a body.
    #[must_use]
    pub fn of(status: StatusCode, location: Option<String>, body: Option<Value>) -> Self {
        let mut response = Self::new(status, body);
        response.headers.extend(location.map(|location| ("location", location)));
        response
    }

    /// Returns the response with the `ETag` of this version.
    #[must_use]
    pub fn with_etag(mut self, version: u64) -> Self {
        self.headers.push((ETAG, format!("\"{version}\"")));
        self
    }

    /// Returns the value of a header; `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
    }

    /// Returns the URL of the created resource.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    fn new(status: StatusCode, body: Option<Value>) -> Self {
        // Responses contain personal data, so no cache may store them.
        let mut headers = vec![("cache-control", "no-store".to_owned())];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Self { status, headers, body }
    }

    /// Returns 200 with this body.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// Returns 201 with the URL and the identifier of the created resource, and a body if there is one.
    #[must_use]
    pub fn created(location: String, id: &str, body: Option<Value>) -> Self {
        Self::of(StatusCode::CREATED, Some(location), body).with_id(id)
    }

    /// Returns 202 with the URL and the identifier of what goes on after the response.
    #[must_use]
    pub fn accepted(location: String, id: &str) -> Self {
        Self::of(StatusCode::ACCEPTED, Some(location), None).with_id(id)
    }

    fn with_id(mut self, id: &str) -> Self {
        self.headers.push((CREATED_ID, utf8_percent_encode(id, NOT_IN_ID).to_string()));
        self
    }

    /// Returns 204.
    #[must_use]
    pub fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, None)
    }
}

impl From<&ApiError> for Response {
    fn from(error: &ApiError) -> Self {
        let mut response = Self::new(error.status(), Some(error.body()));
        response.headers.extend(error.header());
        response
    }
}
