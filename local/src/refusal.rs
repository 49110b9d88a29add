//! Requests that the server rejects before they reach an operation, as a gateway does.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::error::Code;

/// A rejection. Its response has the error body of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The message is not valid HTTP.
    Malformed,
    /// The path is too long.
    TargetTooLong,
    /// The headers are too large, or too many.
    HeadersTooLarge,
    /// The host is not an address of this machine.
    Misdirected,
    /// The body has an unknown transfer coding.
    UnknownTransferCoding,
    /// The server failed.
    Failed,
}

impl Refusal {
    /// Returns the status code.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::UnknownTransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the body, as JSON.
    pub(crate) fn body(self) -> String {
        let (code, message) = match self {
            Self::Malformed | Self::Misdirected => (Code::InvalidData, "Invalid request"),
            Self::TargetTooLong | Self::HeadersTooLarge => (Code::InvalidData, "Request too large"),
            Self::UnknownTransferCoding => (Code::UnsupportedOperation, "Transfer-Encoding must be chunked"),
            Self::Failed => (Code::FatalError, "Internal error"),
        };
        json!({"errors": [{"code": code.as_str(), "message": message}]}).to_string()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/json")];
        (self.status(), headers, Body::from(self.body())).into_response()
    }
}

/// Rejects requests that the HTTP library accepts although RFC 9112 does not.
pub(crate) async fn require_valid(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match check(&head) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Checks the host (RFC 9112, section 3.2) and the transfer coding (section 6.1) of a request.
fn check(head: &Parts) -> Result<(), Refusal> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if head.version < Version::HTTP_11 => {}
        (Some(host), None) if is_host_of(host, head.uri.authority()) => {}
        (None | Some(_), _) => return Err(Refusal::Malformed),
    }
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        (Some(_), _) => Err(Refusal::UnknownTransferCoding),
    }
}

/// Returns true if the value of `Host` is a host and, if the target of the request names one, the same.
fn is_host_of(host: &HeaderValue, target: Option<&Authority>) -> bool {
    let host = Authority::try_from(host.as_bytes()).ok();
    host.is_some_and(|host| !host.as_str().contains('@') && target.is_none_or(|target| *target == host))
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, Version};

    use super::{Refusal, check};

    fn checked(target: &str, version: Version, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut request = Request::builder().uri(target).version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn a_request_has_one_host_that_agrees_with_its_target() {
        let version = Version::HTTP_11;
        let malformed = Err(Refusal::Malformed);
        for (target, hosts, expected) in [
            ("/", &["127.0.0.1:8080"][..], Ok(())),
            ("/", &["localhost"], Ok(())),
            ("/", &["[::1]:8080"], Ok(())),
            ("/", &[], malformed),
            ("/", &[""], malformed),
            ("/", &["a b"], malformed),
            ("/", &["user@localhost"], malformed),
            ("/", &["localhost", "localhost"], malformed),
            ("http://localhost/", &["localhost"], Ok(())),
            ("http://LOCALHOST/", &["localhost"], Ok(())),
            ("http://localhost/", &["evil.example"], malformed),
            ("http://localhost:8080/", &["localhost"], malformed),
            ("http://localhost/", &[], malformed),
        ] {
            let headers: Vec<(&str, &str)> = hosts.iter().map(|host| ("host", *host)).collect();
            assert_eq!(checked(target, version, &headers), expected, "{target} {hosts:?}");
        }
        assert_eq!(checked("/", Version::HTTP_10, &[]), Ok(()));
    }

    #[test]
    fn chunked_is_the_only_transfer_coding() {
        let unknown = Err(Refusal::UnknownTransferCoding);
        for (codings, expected) in [
            (&["chunked"][..], Ok(())),
            (&["Chunked"], Ok(())),
            (&["gzip, chunked"], unknown),
            (&["gzip", "chunked"], unknown),
            (&["chunked, chunked"], unknown),
            (&["identity"], unknown),
            (&[""], unknown),
        ] {
            let codings = codings.iter().map(|coding| ("transfer-encoding", *coding));
            let headers: Vec<(&str, &str)> = [("host", "localhost")].into_iter().chain(codings).collect();
            assert_eq!(checked("/", Version::HTTP_11, &headers), expected, "{headers:?}");
        }
    }
}
