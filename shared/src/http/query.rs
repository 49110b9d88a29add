//! Query strings.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::ApiError;

/// Decodes a query string once, with `+` as a space. The parameters are in the order of their names.
#[must_use]
pub fn decode(query: &str) -> Vec<(String, String)> {
    sorted(form_urlencoded::parse(query.as_bytes()).into_owned())
}

/// Returns decoded parameters in the order of their names, so that every host delivers the same.
#[must_use]
pub fn sorted(parameters: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut parameters: Vec<(String, String)> = parameters.into_iter().collect();
    parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
    parameters
}

/// The parameters of a query string, read one by one.
///
/// What a method returns counts only if [`Query::finish`] succeeds.
#[derive(Debug, Default)]
pub struct Query {
    parameters: BTreeMap<String, Vec<String>>,
    invalid: BTreeSet<String>,
}

impl Query {
    /// Creates a reader for decoded parameters.
    #[must_use]
    pub fn new(parameters: &[(String, String)]) -> Self {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in parameters {
            by_name.entry(name.clone()).or_default().push(value.clone());
        }
        Self { parameters: by_name, invalid: BTreeSet::new() }
    }

    /// Takes a parameter. One that occurs twice is invalid.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let values = self.parameters.remove(name)?;
        let [value] = <[String; 1]>::try_from(values).map_err(|_| self.refuse(name)).ok()?;
        Some(value)
    }

    /// Takes a parameter as `parse` returns it. One for which it returns `None` is invalid.
    pub fn take_as<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.take(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.refuse(name);
        }
        value
    }

    /// Reports a parameter as invalid.
    pub fn refuse(&mut self, name: &str) {
        self.invalid.insert(name.to_owned());
    }

    /// Finishes reading. Every parameter that was not taken is unknown.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidFields`] with all invalid parameters in alphabetical order.
    pub fn finish(self) -> Result<(), ApiError> {
        let mut invalid = self.invalid;
        invalid.extend(self.parameters.into_keys());
        if invalid.is_empty() { Ok(()) } else { Err(ApiError::InvalidFields(invalid.into_iter().collect())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::new(&decode(text))
    }

    #[test]
    fn a_query_string_is_decoded_once() {
        for (text, name, value) in [
            ("a=b", "a", "b"),
            ("a=b+c", "a", "b c"),
            ("a=b%20c", "a", "b c"),
            ("a=b%2Bc", "a", "b+c"),
            ("a=%2525", "a", "%25"),
            ("a", "a", ""),
            ("%C3%A4=%C3%B6", "ä", "ö"),
            ("a==", "a", "="),
        ] {
            assert_eq!(decode(text), [(name.to_owned(), value.to_owned())], "{text}");
        }
        assert_eq!(decode(""), []);
        let pairs = [("a", "2"), ("a", "1"), ("b", "3")];
        assert_eq!(decode("b=3&a=2&&a=1"), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn unknown_and_repeated_parameters_are_reported() {
        let mut parameters = query("limit=1&limit=2&z=1&b=&token=t");
        assert_eq!(parameters.take("limit"), None);
        assert_eq!(parameters.take("token"), Some("t".to_owned()));
        assert_eq!(parameters.take("absent"), None);
        let invalid = ["b", "limit", "z"].map(str::to_owned).to_vec();
        assert_eq!(parameters.finish(), Err(ApiError::InvalidFields(invalid)));
        assert_eq!(query("").finish(), Ok(()));
    }

    #[test]
    fn parameters_that_cannot_be_parsed_are_reported() {
        let mut parameters = query("limit=1&flag=yes&twice=1&twice=1");
        let number = |text: &str| text.parse::<u8>().ok();
        assert_eq!(parameters.take_as("limit", number), Some(1));
        assert_eq!(parameters.take_as("flag", |text| text.parse::<bool>().ok()), None);
        assert_eq!((parameters.take_as("twice", number), parameters.take_as("absent", number)), (None, None));
        let invalid = ["flag", "twice"].map(str::to_owned).to_vec();
        assert_eq!(parameters.finish(), Err(ApiError::InvalidFields(invalid)));
    }
}
