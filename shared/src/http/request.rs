//! Requests as hosts deliver them and as handlers see them.
//!
//! A host (a function behind API Gateway, the local server, a test) builds a [`RawRequest`]. The
//! router turns it into a [`Request`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use lambda_http::http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::Query;
use crate::clock::Deadline;
use crate::error::ApiError;
use crate::ids::{ClientExtId, UserExtId};
use crate::table::Meter;

/// What stands before the path of every operation.
pub const BASE_PATH: &str = "/nevisidm/api/core/v1";
/// The most that the headers together, and the body alone, may take, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// All but the characters that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a request goes, as its host tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A path as it stands in the URL, percent-encoded.
    Encoded(String),
    /// A path that a gateway has decoded already.
    Decoded(String),
    /// The route that a gateway has chosen, and the parameters that it has decoded.
    Matched {
        /// The path of the route, parameters in braces.
        template: String,
        /// The parameters by name.
        parameters: BTreeMap<String, String>,
    },
}

/// A request before its operation is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRequest {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Scheme, host and whatever stands before [`BASE_PATH`] in the URL as the caller sees it.
    pub base_url: String,
    /// The parameters of the query string, decoded once, in the order of their names.
    pub query: Vec<(String, String)>,
    /// The headers, in the order of their arrival, repeated ones repeatedly.
    pub headers: Vec<(String, String)>,
    /// The body; `None` where its encoding could not be read.
    pub body: Option<Vec<u8>>,
    /// The id of the request.
    pub request_id: String,
    /// The id of the trace that the request belongs to, where there is one.
    pub trace_id: Option<String>,
}

/// A request to an operation.
#[derive(Debug)]
pub struct Request {
    parameters: BTreeMap<String, String>,
    raw: RawRequest,
    caller: OnceLock<String>,
    /// When it has to be over.
    pub deadline: Deadline,
    /// Counts its calls to the table.
    pub meter: Meter,
}

/// What a request says in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header<'a> {
    /// Nothing.
    Missing,
    /// One value.
    One(&'a str),
    /// Several: which of them to believe is nobody's guess.
    Repeated,
}

impl Request {
    /// A request to the operation whose path has these parameters, decoded.
    #[must_use]
    pub fn new(parameters: BTreeMap<String, String>, raw: RawRequest, deadline: Deadline) -> Self {
        Self { parameters, raw, caller: OnceLock::new(), deadline, meter: Meter::default() }
    }

    /// The client of the path.
    #[must_use]
    pub fn client(&self) -> ClientExtId {
        ClientExtId::unchecked(self.parameter("clientExtId"))
    }

    /// The user of the path.
    #[must_use]
    pub fn user(&self) -> UserExtId {
        UserExtId::unchecked(self.parameter("userExtId"))
    }

    /// A parameter of the path, decoded once; empty if the operation's path has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A header; `name` is in lower case. The white space around its value, which is no part of it,
    /// is left out: spaces and tabs, and nothing else that Unicode has.
    #[must_use]
    pub fn header(&self, name: &str) -> Header<'_> {
        let headers = &self.raw.headers;
        let mut values = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (None, _) => Header::Missing,
            (Some((_, value)), None) => Header::One(value.trim_matches([' ', '\t'])),
            (Some(_), Some(_)) => Header::Repeated,
        }
    }

    /// Demands that neither the headers together nor the body are larger than is read.
    ///
    /// # Errors
    /// [`ApiError::TooLarge`].
    pub fn require_size(&self) -> Result<(), ApiError> {
        let headers = self.raw.headers.iter().map(|(name, value)| name.len() + value.len());
        let body = self.body().map_or(0, <[u8]>::len);
        if headers.sum::<usize>() > MAX_BYTES || body > MAX_BYTES { Err(ApiError::TooLarge) } else { Ok(()) }
    }

    /// The parameters of the query string.
    #[must_use]
    pub fn query(&self) -> Query {
        Query::new(&self.raw.query)
    }

    /// The parameters of the query string as they were sent, decoded once.
    #[must_use]
    pub fn query_parameters(&self) -> &[(String, String)] {
        &self.raw.query
    }

    /// The body; `None` where its encoding could not be read.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.raw.body.as_deref()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.raw.method
    }

    /// All parameters of the path, by name.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// The id of the request.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.raw.request_id
    }

    /// Remembers who was found to be calling, for the log.
    pub(crate) fn note_caller(&self, name: &str) {
        self.caller.get_or_init(|| name.to_owned());
    }

    /// Who was found to be calling, as soon as that is known.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.caller.get().map(String::as_str)
    }

    /// The absolute URL of a thing, from the segments of its path behind [`BASE_PATH`].
    #[must_use]
    pub fn location(&self, segments: &[&str]) -> String {
        let mut url = format!("{}{BASE_PATH}", self.raw.base_url);
        for segment in segments {
            url.push('/');
            url.extend(utf8_percent_encode(segment, SEGMENT));
        }
        url
    }
}

/// Splits a path into what stands before [`BASE_PATH`] and what comes behind it.
#[must_use]
pub fn split_base(path: &str) -> Option<(&str, &str)> {
    path.split_once(BASE_PATH)
}
