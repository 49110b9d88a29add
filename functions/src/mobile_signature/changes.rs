//! What a request changes of the properties of a mobile signature, and by which rules.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};
use shared::error::ApiError;

use super::MobileSignature;
use crate::properties::{Definition, PropertyFailure};

/// The most properties that one request may change: their definitions are read in one call, and
/// their values change in one transaction.
pub const MAX_CHANGES: usize = 45;
/// The most that all properties of a mobile signature may take, in bytes: an item of the table
/// has room for 400 KB.
const MAX_BYTES: usize = 256 * 1024;

/// The new value of each property that is named; `None` removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes(BTreeMap<String, Option<String>>);

impl Changes {
    /// Reads the changes: texts, of which an empty one removes like `null`.
    ///
    /// # Errors
    /// [`ApiError::InvalidFields`] for what is neither, then [`ApiError::InvalidData`] for too many.
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

    /// The names of the properties.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Checks every change by the definition of its property.
    ///
    /// # Errors
    /// [`ApiError::Properties`] with all that fail, in alphabetical order of their names.
    pub fn check(&self, definitions: &HashMap<String, Definition>) -> Result<(), ApiError> {
        let failures: Vec<PropertyFailure> = self
            .0
            .iter()
            .filter_map(|(name, value)| match definitions.get(name) {
                None => Some(PropertyFailure::Unknown { name: name.clone() }),
                Some(definition) => definition.check(value.as_deref()).err(),
            })
            .collect();
        if failures.is_empty() { Ok(()) } else { Err(PropertyFailure::error(&failures)) }
    }

    /// The mobile signature after the changes.
    ///
    /// # Errors
    /// [`ApiError::InvalidData`] when its properties take too much room.
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

    /// Names and values are counted, those that stay with those that are set.
    #[test]
    fn the_properties_of_a_mobile_signature_take_at_most_256_kib() {
        let value = "\u{e4}".repeat(2000);
        let stay: Vec<String> = (0..64).map(|number| format!("stays{number:03}")).collect();
        let mut now = MobileSignature {
            ext_id: MobileSignatureExtId::unchecked("1"),
            state: "active".into(),
            identificator: None,
            mssp_identifier: None,
            msisdn: None,
            properties: stay
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
        let refused = changes(&["set"], &"a".repeat(left + 1)).apply(&now, &HashMap::new());
        let message = "The properties of a mobile signature take at most 262144 bytes.".to_owned();
        assert_eq!(refused, Err(ApiError::InvalidData(message)));
        // What is set takes the place of what was there.
        now.properties = next.properties;
        assert!(changes(&["set"], &"b".repeat(left)).apply(&now, &HashMap::new()).is_ok());
    }
}
