//! The way in and the way out: a request as every host delivers it, its operation, the answer.
//!
//! A host (a function behind API Gateway, the local server, a test) makes an [`Incoming`];
//! [`route`] turns it into a [`Request`], the only thing that handlers see.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::OnceLock;

pub use lambda_http::http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::app::{Access, App, Scope};
use crate::auth::Needs;
use crate::config::{ConfigError, Settings};
use crate::description::Description;
use crate::error::ApiError;
use crate::table::{Deadline, Meter};

/// What stands before the path of every operation.
pub const BASE_PATH: &str = "/nevisidm/api/core/v1";
/// The most that the headers together, and the body alone, may take, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// All but the characters that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an operation's handler does, sometime.
pub type Handling<'a> = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send + 'a>>;

/// What an operation does with the settings before its first request.
pub type Prepare = fn(&Settings) -> Result<(), ConfigError>;

/// One operation: all that the list of operations says of it.
pub struct Operation {
    /// Its name, which its binary and its function carry too: a verb and a noun, `verb-noun`.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path behind [`BASE_PATH`], parameters in braces: `/clients/{clientExtId}`.
    pub path: &'static str,
    /// Who may call it, and what it does.
    pub entry: Entry,
    /// What it asks of the settings besides: done once, before the first request.
    pub prepare: Option<Prepare>,
    /// What callers are told of it.
    pub description: Description,
}

impl Operation {
    /// Does what it asks of the settings, where it asks something.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot work with them.
    pub fn prepare_by(&self, settings: &Settings) -> Result<(), ConfigError> {
        self.prepare.map_or(Ok(()), |prepare| prepare(settings))
    }

    /// Whether it changes something.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.method != Method::GET
    }
}

/// Who may call an operation, and what it does.
#[derive(Clone, Copy)]
pub enum Entry {
    /// For callers who are admitted: only their [`Access`] reaches what is stored.
    Admitted {
        /// What a caller needs for it.
        needs: Needs,
        /// What it is done to.
        scope: Scope,
        /// What it does, once the caller is admitted.
        handler: for<'a> fn(&'a Access<'a>, &'a Request) -> Handling<'a>,
    },
    /// For everybody, without a token: it sees nothing that is stored.
    Open {
        /// What it does.
        handler: for<'a> fn(&'a App, &'a Request) -> Handling<'a>,
    },
}

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
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Scheme, host and whatever stands before [`BASE_PATH`] in the URL as the caller sees it.
    pub base_url: String,
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
    incoming: Incoming,
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
    /// A parameter of the path, decoded once; empty if the operation's path has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A header; `name` is in lower case. The white space around its value, which is no part of it,
    /// is left out: spaces and tabs, and nothing else that Unicode has.
    #[must_use]
    pub fn header(&self, name: &str) -> Header<'_> {
        let headers = &self.incoming.headers;
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
    pub fn demand_size(&self) -> Result<(), ApiError> {
        let headers = self.incoming.headers.iter().map(|(name, value)| name.len() + value.len());
        let body = self.body().map_or(0, <[u8]>::len);
        if headers.sum::<usize>() > MAX_BYTES || body > MAX_BYTES { Err(ApiError::TooLarge) } else { Ok(()) }
    }

    /// The body; `None` where its encoding could not be read.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.incoming.body.as_deref()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.incoming.method
    }

    /// All parameters of the path, by name.
    #[must_use]
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// The id of the request.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.incoming.request_id
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
        let mut url = format!("{}{BASE_PATH}", self.incoming.base_url);
        for segment in segments {
            url.push('/');
            url.extend(utf8_percent_encode(segment, SEGMENT));
        }
        url
    }
}

/// Finds the operation of a request among `operations`.
///
/// # Errors
/// [`ApiError::NoRoute`], then [`ApiError::MethodNotAllowed`].
pub fn route<'a>(
    operations: impl IntoIterator<Item = &'a Operation>,
    incoming: Incoming,
    deadline: Deadline,
) -> Result<(&'a Operation, Request), ApiError> {
    let mut allowed = Vec::new();
    let mut found = None;
    for operation in operations {
        if let Some(parameters) = parameters_of(operation.path, &incoming.target) {
            allowed.push(operation.method.as_str());
            if operation.method == incoming.method {
                found = found.or(Some((operation, parameters)));
            }
        }
    }
    let Some((operation, parameters)) = found else {
        allowed.sort_unstable();
        return Err(match allowed.join(", ") {
            none if none.is_empty() => ApiError::NoRoute,
            allowed => ApiError::MethodNotAllowed { allowed },
        });
    };
    let request =
        Request { parameters, incoming, caller: OnceLock::new(), deadline, meter: Meter::default() };
    Ok((operation, request))
}

/// Splits a path into what stands before [`BASE_PATH`] and what comes behind it.
#[must_use]
pub fn split_base(path: &str) -> Option<(&str, &str)> {
    path.split_once(BASE_PATH)
}

/// The parameters of a path, decoded once; `None` when the path is not the operation's.
fn parameters_of(template: &str, target: &Target) -> Option<BTreeMap<String, String>> {
    let (path, encoded) = match target {
        Target::Encoded(path) => (path, true),
        Target::Decoded(path) => (path, false),
        Target::Matched { template: matched, parameters } => {
            let (_, matched) = split_base(matched)?;
            let names = template.split('/').filter_map(name_of);
            let is_whole = names.clone().count() == parameters.len()
                && names.clone().all(|name| parameters.get(name).is_some_and(|value| !value.is_empty()));
            return (matched == template && is_whole).then(|| parameters.clone());
        }
    };
    let (_, path) = split_base(path)?;
    let mut parameters = BTreeMap::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match name_of(expected) {
            Some(_) if segment.is_empty() => return None,
            Some(name) if encoded => {
                let value = percent_decode_str(segment).decode_utf8().ok()?;
                parameters.insert(name.to_owned(), value.into_owned());
            }
            Some(name) => {
                parameters.insert(name.to_owned(), segment.to_owned());
            }
            None if segment == expected => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// The name of a parameter, from its place in the path of an operation.
fn name_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// An answer.
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

    /// The address of what was created.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| *name == "location").map(|(_, value)| value.as_str())
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

#[cfg(test)]
pub(crate) mod tests;
