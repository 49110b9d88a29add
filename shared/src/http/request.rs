//! Requests, as hosts deliver them and as handlers receive them.
//!
//! A host (a function behind API Gateway, the local server, a test) builds a [`RawRequest`]. The router
//! turns it into a [`Request`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use lambda_http::http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::Query;
use crate::clock::Deadline;
use crate::error::ApiError;
use crate::ids::{ClientExtId, UserExtId};
use crate::table::Meter;

/// The base path of the Core API.
pub const BASE_PATH: &str = "/nevisidm/api/core/v1";
/// The base path of the Principal API, whose operations are about the caller.
pub const PRINCIPAL_BASE_PATH: &str = "/nevisidm/api/principal/v1";
/// The maximum size of all headers together, and of the body, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// All characters except those that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The target of a request, as delivered by its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A percent-encoded path, as in the URL.
    Encoded(String),
    /// A path that a gateway has already decoded.
    Decoded(String),
    /// A route that a gateway has matched, and its decoded parameters.
    Matched {
        /// The path of the route, with parameters in braces.
        template: String,
        /// The path parameters by name.
        parameters: BTreeMap<String, String>,
    },
}

/// A request before it is routed to an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// The target.
    pub target: Target,
    /// The base URL of the caller: scheme, host and everything before [`BASE_PATH`].
    pub base_url: String,
    /// The parameters of the query string, decoded once, in the order of their names.
    pub query: Vec<(String, String)>,
    /// The headers in the order of their arrival, including repeated ones.
    pub headers: Vec<(String, String)>,
    /// The body; `None` if its encoding is invalid.
    pub body: Option<Vec<u8>>,
    /// The request ID.
    pub request_id: String,
    /// The trace ID, if the request has one.
    pub trace_id: Option<String>,
}

/// A request to an operation.
#[derive(Debug)]
pub struct Request {
    parameters: BTreeMap<String, String>,
    raw: RawRequest,
    caller: OnceLock<String>,
    /// The deadline of the request.
    pub deadline: Deadline,
    /// The meter of its table calls.
    pub meter: Meter,
}

/// The value of a request header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// The request does not have the header.
    Missing,
    /// The header has one value.
    One(&'a str),
    /// The header is repeated. None of the values is used.
    Repeated,
}

impl RawRequest {
    /// Returns a header; `name` is in lower case.
    ///
    /// Leading and trailing spaces and tabs are removed from the value. Other Unicode white space is
    /// part of it.
    #[must_use]
    pub fn header(&self, name: &str) -> Header<'_> {
        let mut values = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (None, _) => Header::Missing,
            (Some((_, value)), None) => Header::One(value.trim_matches([' ', '\t'])),
            (Some(_), Some(_)) => Header::Repeated,
        }
    }
}

impl Request {
    /// Creates a request to an operation with these decoded path parameters.
    #[must_use]
    pub fn new(parameters: BTreeMap<String, String>, raw: RawRequest, deadline: Deadline) -> Self {
        Self { parameters, raw, caller: OnceLock::new(), deadline, meter: Meter::default() }
    }

    /// Returns the client in the path.
    #[must_use]
    pub fn client(&self) -> ClientExtId {
        ClientExtId::unchecked(self.parameter("clientExtId"))
    }

    /// Returns the user in the path.
    #[must_use]
    pub fn user(&self) -> UserExtId {
        UserExtId::unchecked(self.parameter("userExtId"))
    }

    /// Returns a path parameter, decoded once; empty if the path of the operation does not have it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Returns a header, see [`RawRequest::header`].
    #[must_use]
    pub fn header(&self, name: &str) -> Header<'_> {
        self.raw.header(name)
    }

    /// Checks the size of the headers and of the body.
    ///
    /// # Errors
    /// Returns [`ApiError::TooLarge`] if either exceeds [`MAX_BYTES`].
    pub fn require_size(&self) -> Result<(), ApiError> {
        let headers = self.raw.headers.iter().map(|(name, value)| name.len() + value.len());
        let body = self.body().map_or(0, <[u8]>::len);
        if headers.sum::<usize>() > MAX_BYTES || body > MAX_BYTES { Err(ApiError::TooLarge) } else { Ok(()) }
    }

    /// Returns a reader for the parameters of the query string.
    #[must_use]
    pub fn query(&self) -> Query {
        Query::new(&self.raw.query)
    }

    /// Returns the parameters of the query string, decoded once.
    #[must_use]
    pub fn query_parameters(&self) -> &[(String, String)] {
        &self.raw.query
    }

    /// Returns the body; `None` if its encoding is invalid.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.raw.body.as_deref()
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.raw.method
    }

    /// Returns all path parameters by name.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// Returns the request ID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.raw.request_id
    }

    /// Records the name of the authenticated caller for the log.
    pub(crate) fn note_caller(&self, name: &str) {
        self.caller.get_or_init(|| name.to_owned());
    }

    /// Returns the name of the caller once authenticated.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.caller.get().map(String::as_str)
    }

    /// Returns the absolute URL of a resource from the segments of its path after [`BASE_PATH`].
    #[must_use]
    pub fn location(&self, segments: &[&str]) -> String {
        let mut url = format!("{}{BASE_PATH}", self.raw.base_url);
        for segment in segments {
            url.push('/');
            url.push_str(&encoded_segment(segment));
        }
        url
    }
}

/// Returns a text encoded as a segment of a path.
#[must_use]
pub fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
