//! Request bodies.

use serde_json::{Map, Value};

use super::json::parse_object;
use super::{Header, Request};
use crate::error::ApiError;

/// Reads the body as a JSON object.
///
/// # Errors
/// Returns [`ApiError::UnsupportedMediaType`], [`ApiError::UnsupportedEncoding`],
/// [`ApiError::EmptyBody`] or [`ApiError::MalformedJson`], checked in this order. A request with neither
/// a body nor a media type has an empty body.
pub fn object(request: &Request) -> Result<Map<String, Value>, ApiError> {
    let empty = request.body().is_some_and(|body| body.trim_ascii().is_empty());
    match request.header("content-type") {
        Header::One(media_type) if is_json(media_type) => {}
        Header::Missing if empty => {}
        Header::One(_) | Header::Missing | Header::Repeated => return Err(ApiError::UnsupportedMediaType),
    }
    match request.header("content-encoding") {
        Header::Missing => {}
        Header::One(coding) if coding.eq_ignore_ascii_case("identity") => {}
        Header::One(_) | Header::Repeated => return Err(ApiError::UnsupportedEncoding),
    }
    if empty {
        return Err(ApiError::EmptyBody);
    }
    parse_object(request.body().unwrap_or_default()).map_err(|_| ApiError::MalformedJson)
}

/// Returns true if a media type is JSON in UTF-8.
///
/// A comma is never part of one: an HTTP API joins a repeated header with it.
fn is_json(media_type: &str) -> bool {
    if media_type.contains(',') {
        return false;
    }
    let mut parts = media_type.split(';').map(|part| part.trim_matches([' ', '\t']));
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_accepted() {
        for media_type in
            ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
        {
            assert!(is_json(media_type), "{media_type}");
        }
        for media_type in [
            "",
            "text/json",
            "application/jsonp",
            "application/json; charset=latin1",
            "json",
            "application/json,application/json",
            "application/json;a=b,application/json;a=b",
        ] {
            assert!(!is_json(media_type), "{media_type}");
        }
    }
}
