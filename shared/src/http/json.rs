//! JSON objects without duplicate member names at any depth.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// An error that a text is not JSON, is not an object, or has duplicate member names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnObject;

/// Parses a JSON object.
///
/// Rejects everything on which parsers disagree: duplicate member names, more than 127 levels of
/// nesting, text after the object, and invalid UTF-8.
///
/// # Errors
/// Returns [`NotAnObject`], which does not quote the text, because it may contain confidential data.
pub fn parse_object(text: &[u8]) -> Result<Map<String, Value>, NotAnObject> {
    match parse(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => {
            Err(NotAnObject)
        }
    }
}

/// An error that a text is not JSON, is not an array, or has duplicate member names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnArray;

/// Parses a JSON array with the strictness of [`parse_object`].
///
/// # Errors
/// Returns [`NotAnArray`], which does not quote the text.
pub fn parse_array(text: &[u8]) -> Result<Vec<Value>, NotAnArray> {
    match parse(text) {
        Ok(Value::Array(elements)) => Ok(elements),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))
        | Err(_) => Err(NotAnArray),
    }
}

fn parse(text: &[u8]) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Deserialises a [`Value`] and rejects duplicate member names, of which the library would keep the
/// last.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom("a member name occurs twice"));
            }
            members.insert(name, entries.next_value_seed(Strict)?);
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_parsed_unchanged() {
        let text = br#" {"a":[1,-2,3.5,null,true,"\u00e4"],"b":{"a":{}}} "#;
        let expected = json!({"a": [1, -2, 3.5, null, true, "ä"], "b": {"a": {}}});
        assert_eq!(parse_object(text).map(Value::Object), Ok(expected));
    }

    #[test]
    fn an_array_is_parsed_as_strictly_as_an_object() {
        assert_eq!(parse_array(b" [1,{\"a\":[]}] "), Ok(vec![json!(1), json!({"a": []})]));
        for text in ["", "{}", "null", "\"[]\"", "[] []", "[1,]", r#"[{"a":1,"a":1}]"#] {
            assert_eq!(parse_array(text.as_bytes()), Err(NotAnArray), "{text}");
        }
    }

    #[test]
    fn malformed_json_and_duplicate_members_are_rejected() {
        let deep = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
        let texts = [
            "",
            "[]",
            "1",
            "\"a\"",
            "null",
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            "{\"a\":1,}",
            "\u{feff}{}",
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"\u0062":2}]}"#,
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\n\"}",
            "{\"a\":1e999}",
            &deep,
        ];
        for text in texts {
            assert_eq!(parse_object(text.as_bytes()), Err(NotAnObject), "{text}");
        }
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), Err(NotAnObject));
    }
}
