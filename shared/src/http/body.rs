//! The body of a request: is it there, is it JSON, are its fields what they should be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::json::parse_object;
use super::{Header, Request};
use crate::error::ApiError;

/// The longest text of a language, in characters.
pub const MAX_TEXT: usize = 4000;
/// The longest remark or description, in characters.
pub const MAX_REMARK: usize = 1000;

/// Reads the body as one JSON object.
///
/// # Errors
/// [`ApiError::UnsupportedMediaType`], [`ApiError::EmptyBody`] or [`ApiError::MalformedJson`], in
/// this order. A request with neither a body nor a media type has an empty body.
pub fn object(request: &Request) -> Result<Map<String, Value>, ApiError> {
    let empty = request.body().is_some_and(|body| body.trim_ascii().is_empty());
    match request.header("content-type") {
        Header::One(media_type) if is_json(media_type) => {}
        Header::Missing if empty => {}
        Header::One(_) | Header::Missing | Header::Repeated => return Err(ApiError::UnsupportedMediaType),
    }
    if empty {
        return Err(ApiError::EmptyBody);
    }
    parse_object(request.body().unwrap_or_default()).map_err(|_| ApiError::MalformedJson)
}

/// Whether a media type is JSON in UTF-8.
fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(|part| part.trim_matches([' ', '\t']));
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

/// Takes the fields of an object one by one, and tells in the end which of them are not valid:
/// missing, of a wrong type, too long, or not asked for. `null` is the same as left out.
pub struct Fields {
    members: Map<String, Value>,
    invalid: BTreeSet<String>,
}

impl Fields {
    /// The fields of this object.
    #[must_use]
    pub fn new(members: Map<String, Value>) -> Self {
        Self { members, invalid: BTreeSet::new() }
    }

    /// A text that has to be there and must not be empty. What it returns counts only when
    /// [`Fields::finish`] succeeds.
    pub fn required_text(&mut self, name: &str) -> String {
        self.optional_name(name).unwrap_or_else(|| {
            self.invalid.insert(name.to_owned());
            String::new()
        })
    }

    /// A name that may be left out, but must not be empty.
    pub fn optional_name(&mut self, name: &str) -> Option<String> {
        let text = self.optional_text(name, usize::MAX)?;
        if text.is_empty() {
            self.invalid.insert(name.to_owned());
        }
        Some(text)
    }

    /// A text of at most `max` characters that may be left out.
    pub fn optional_text(&mut self, name: &str, max: usize) -> Option<String> {
        let value = self.take(name)?;
        let text = text_of(value, max);
        if text.is_none() {
            self.invalid.insert(name.to_owned());
        }
        text
    }

    /// A map of language to text, empty when it is left out. A language that is not among
    /// `languages`, or whose text is not one, is told as `name.language`.
    pub fn texts(&mut self, name: &str, languages: &[String]) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        match self.take(name) {
            None => {}
            Some(Value::Object(members)) => {
                for (language, value) in members {
                    let known = languages.contains(&language);
                    if known && value.is_null() {
                        continue;
                    }
                    match text_of(value, MAX_TEXT).filter(|_| known) {
                        Some(text) => {
                            texts.insert(language, text);
                        }
                        None => {
                            self.invalid.insert(format!("{name}.{language}"));
                        }
                    }
                }
            }
            Some(_) => {
                self.invalid.insert(name.to_owned());
            }
        }
        texts
    }

    /// The field as it stands, for what is neither a text nor a map of texts.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Says that the field is not valid.
    pub fn refuse(&mut self, name: &str) {
        self.invalid.insert(name.to_owned());
    }

    /// Ends the reading: what was not taken is unknown.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] with all fields that are not valid, in alphabetical order.
    pub fn finish(self) -> Result<(), ApiError> {
        let mut invalid = self.invalid;
        invalid.extend(self.members.into_iter().map(|(name, _)| name));
        if invalid.is_empty() { Ok(()) } else { Err(ApiError::InvalidFields(invalid.into_iter().collect())) }
    }
}

fn text_of(value: Value, max: usize) -> Option<String> {
    match value {
        Value::String(text) => Some(text).filter(|text| text.chars().count() <= max),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf_8_is_the_only_media_type() {
        for media_type in
            ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
        {
            assert!(is_json(media_type), "{media_type}");
        }
        for media_type in ["", "text/json", "application/jsonp", "application/json; charset=latin1", "json"] {
            assert!(!is_json(media_type), "{media_type}");
        }
    }

    #[test]
    fn all_fields_that_are_not_valid_are_told_in_alphabetical_order() {
        let members = parse_object(
            br#"{"z":1,"name":"","b":7,"texts":{"EN":"a","XX":"b","YY":null,"DE":1,"FR":null},"o":null}"#,
        );
        let mut fields = Fields::new(members.expect("an object"));
        fields.required_text("name");
        fields.required_text("absent");
        assert_eq!(fields.optional_text("b", 10), None);
        assert_eq!(fields.optional_text("o", 10), None);
        let languages = ["EN", "DE", "FR"].map(str::to_owned);
        assert_eq!(fields.texts("texts", &languages), BTreeMap::from([("EN".to_owned(), "a".to_owned())]));
        let expected =
            ["absent", "b", "name", "texts.DE", "texts.XX", "texts.YY", "z"].map(str::to_owned).to_vec();
        assert_eq!(fields.finish(), Err(ApiError::InvalidFields(expected)));
    }
}
