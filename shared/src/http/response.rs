//! Responses as handlers return them.

use lambda_http::http::StatusCode;
use serde_json::Value;

use crate::error::ApiError;

/// The header with the version of a thing.
pub const ETAG: &str = "etag";

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON, where there is one.
    pub body: Option<Value>,
}

impl Response {
    /// An answer of this status, with what was created where and what there is to say.
    #[must_use]
    pub fn of(status: StatusCode, location: Option<String>, body: Option<Value>) -> Self {
        let mut response = Self::new(status, body);
        response.headers.extend(location.map(|location| ("location", location)));
        response
    }

    /// The response with the `ETag` of this version.
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

    /// The address of what was created.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    fn new(status: StatusCode, body: Option<Value>) -> Self {
        // Answers are about people: no cache on the way keeps them.
        let mut headers = vec![("cache-control", "no-store".to_owned())];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        Self { status, headers, body }
    }

    /// 200 with what was asked for.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Some(body))
    }

    /// 201 with the address of what was created, and what there is to say about it.
    #[must_use]
    pub fn created(location: String, body: Option<Value>) -> Self {
        Self::of(StatusCode::CREATED, Some(location), body)
    }

    /// 204.
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
