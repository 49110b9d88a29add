//! Changes of the properties of a mobile signature.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};
use shared::clock::Deadline;
use shared::error::ApiError;
use shared::pattern::Matcher;
use shared::table::TableError;

use super::MobileSignature;
use crate::properties::{Definition, PropertyFailure};

/// The maximum number of properties that one request can change. Their definitions are read in one call, and
/// their values are changed in one transaction.
pub const MAX_CHANGES: usize = 45;
/// The maximum total size of the properties of a mobile signature, in bytes. An item of the table is limited
/// to 400 KB.
const MAX_BYTES: usize = 256 * 1024;

/// The new values of properties by name. `None` removes a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes(BTreeMap<String, Option<String>>);

impl Changes {
    /// Reads the changes from a request body. `null` and an empty string remove a property.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] if a value is neither a string nor `null`, then [`ApiError::InvalidData`]
    /// if there are more than [`MAX_CHANGES`].
    pub fn read(members: Map<String, Value>) -> Result<Self, ApiError> {
        let mut invalid = Vec::new();
        let mut changes = BTreeMap::new();
        for (name, value) in members {
            match value {
                Value::Null => drop(changes.insert(name, None)),
                Value::String(text) => drop(changes.insert(name, Some(text).filter(|text| !text.is_empty()))),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => invalid.push(name),
            }
        }
        if !invalid.is_empty() {
            invalid.sort_unstable();
            return Err(ApiError::InvalidFields(invalid));
        }
        if changes.len() > MAX_CHANGES {
            return Err(ApiError::InvalidData(format!(
                "At most {MAX_CHANGES} properties can be changed at once."
            )));
        }
        Ok(Self(changes))
    }

    /// Returns the names of the properties.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Checks each change against the definition of its property, until the deadline.
    ///
    /// # Errors
    /// [`ApiError::Rules`] with all failures, in alphabetical order of the properties, or the error for
    /// [`TableError::Unavailable`] if the deadline passes.
    pub fn check(
        &self,
        definitions: &HashMap<String, Definition>,
        matcher: &Matcher,
        deadline: Deadline,
    ) -> Result<(), ApiError> {
        let mut failures = Vec::new();
        for (name, value) in &self.0 {
            if deadline.is_over() {
                return Err(TableError::Unavailable.into());
            }
            match definitions.get(name) {
                None => failures.push(PropertyFailure::Unknown { name: name.clone() }),
                Some(definition) => failures.extend(definition.check(value.as_deref(), matcher).err()),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(PropertyFailure::error(&failures)) }
    }

    /// Returns the mobile signature with the changes applied.
    ///
    /// # Errors
    /// [`ApiError::InvalidData`] if its properties are too large.
    pub fn apply(
        &self,
        now: &MobileSignature,
        definitions: &HashMap<String, Definition>,
    ) -> Result<MobileSignature, ApiError> {
        let mut next = now.clone();
        for (name, value) in &self.0 {
            let unique = definitions.get(name).is_some_and(Definition::is_unique);
            next.unique_properties.remove(name);
            match value {
                Some(value) => {
                    next.properties.insert(name.clone(), value.clone());
                    if unique {
                        next.unique_properties.insert(name.clone());
                    }
                }
                None => drop(next.properties.remove(name)),
            }
        }
        let bytes: usize = next.properties.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_BYTES {
            let message = format!("The properties of a mobile signature take at most {MAX_BYTES} bytes.");
            return Err(ApiError::InvalidData(message));
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::mobile_signature::MobileSignatureExtId;

    fn changes(names: &[&str], value: &str) -> Changes {
        let members = names.iter().map(|name| ((*name).to_owned(), json!(value)));
        Changes::read(members.collect()).expect("changes")
    }

    /// The size includes the names and values of all properties, changed or not.
    #[test]
    fn properties_of_a_mobile_signature_are_limited_to_256_kib() {
        let value = "\u{e4}".repeat(2000);
        let kept: Vec<String> = (0..64).map(|number| format!("kept-{number:03}")).collect();
        let mut now = MobileSignature {
            ext_id: MobileSignatureExtId::unchecked("1"),
            state: "active".into(),
            identificator: None,
            mssp_identifier: None,
            msisdn: None,
            properties: kept
                .iter()
                .map(|name| (name.clone(), value.clone()))
                .collect::<BTreeMap<_, _>>()
                .into(),
            unique_properties: BTreeSet::new(),
        };
        let left = 262_144 - 64 * (8 + 4000) - "set".len();
        let next = changes(&["set"], &"a".repeat(left)).apply(&now, &HashMap::new()).expect("room");
        assert_eq!(next.properties["set"].len(), left);
        assert_eq!(next.properties.len(), 65);
        let rejected = changes(&["set"], &"a".repeat(left + 1)).apply(&now, &HashMap::new());
        let message = "The properties of a mobile signature take at most 262144 bytes.".to_owned();
        assert_eq!(rejected, Err(ApiError::InvalidData(message)));
        // A new value replaces the old one.
        now.properties = next.properties;
        assert!(changes(&["set"], &"b".repeat(left)).apply(&now, &HashMap::new()).is_ok());
    }
}
