//! Changes of the values of properties.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::clock::Deadline;
use shared::error::ApiError;
use shared::pattern::Matcher;
use shared::table::TableError;

use super::PropertyFailure;
use super::values::{Applicable, Holder, Values};

/// The maximum number of properties that one request can change. The change of each takes up to five of the 100
/// actions of the transaction: its definition, two entries, the old and the new value.
pub const MAX_CHANGES: usize = 19;
/// The maximum total size of the properties of an entity, in bytes. An item of the table is limited to 400 KB.
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

    /// Returns the changes that lead from these values to `next`.
    #[must_use]
    pub fn between(present: &BTreeMap<String, String>, next: &BTreeMap<String, String>) -> Self {
        let names = present.keys().chain(next.keys()).filter(|name| present.get(*name) != next.get(*name));
        Self(names.map(|name| (name.clone(), next.get(name).cloned())).collect())
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
        defined: &BTreeMap<String, Applicable>,
        matcher: &Matcher,
        deadline: Deadline,
    ) -> Result<(), ApiError> {
        let mut failures = Vec::new();
        for (name, value) in &self.0 {
            if deadline.is_over() {
                return Err(TableError::Unavailable.into());
            }
            match defined.get(name) {
                None => failures.push(PropertyFailure::Unknown { name: name.clone() }),
                Some(one) => failures.extend(one.definition.check(value.as_deref(), matcher).err()),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(PropertyFailure::error(&failures)) }
    }

    /// Returns the values with the changes applied.
    ///
    /// # Errors
    /// [`ApiError::InvalidData`] if the values are too large.
    pub fn apply(
        &self,
        present: &Values,
        defined: &BTreeMap<String, Applicable>,
        holder: &Holder,
    ) -> Result<Values, ApiError> {
        let mut next = present.clone();
        for (name, value) in &self.0 {
            let unique = defined.get(name).is_some_and(|one| one.definition.is_unique());
            next.unique.remove(name);
            match value {
                Some(value) => {
                    next.properties.insert(name.clone(), value.clone());
                    if unique {
                        next.unique.insert(name.clone());
                    }
                }
                None => drop(next.properties.remove(name)),
            }
        }
        if holder.most.is_some_and(|most| next.properties.len() > most.max(present.properties.len())) {
            let most = holder.most.unwrap_or_default();
            let message = format!("At most {most} properties of {} can have a value.", holder.name);
            return Err(ApiError::InvalidData(message));
        }
        let bytes: usize = next.properties.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_BYTES {
            let message = format!("The properties of {} take at most {MAX_BYTES} bytes.", holder.name);
            return Err(ApiError::InvalidData(message));
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::ids::{ClientExtId, ExtId};
    use shared::table::Key;

    use super::*;
    use crate::mobile_signature;
    use crate::properties::Scope;
    use crate::users::UserPath;

    fn changes(names: &[&str], value: &str) -> Changes {
        let members = names.iter().map(|name| ((*name).to_owned(), json!(value)));
        Changes::read(members.collect()).expect("changes")
    }

    /// The size includes the names and values of all properties, changed or not.
    #[test]
    fn the_properties_of_an_entity_are_limited_to_256_kib() {
        let holder = Holder {
            scope: Scope::User,
            name: "a user",
            most: None,
            client: ClientExtId::unchecked("100"),
            key: Key::new(&["USER", "100", "user-123"], &["PROPERTIES"]),
        };
        let value = "\u{e4}".repeat(2000);
        let kept: Vec<String> = (0..64).map(|number| format!("kept-{number:03}")).collect();
        let properties: BTreeMap<_, _> = kept.iter().map(|name| (name.clone(), value.clone())).collect();
        let mut now = Values { properties: properties.into(), ..Values::default() };
        let left = 262_144 - 64 * (8 + 4000) - "set".len();
        let set = |size: usize| changes(&["set"], &"a".repeat(size));
        let next = set(left).apply(&now, &BTreeMap::new(), &holder).expect("room");
        assert_eq!(next.properties["set"].len(), left);
        assert_eq!(next.properties.len(), 65);
        let rejected = set(left + 1).apply(&now, &BTreeMap::new(), &holder);
        let message = "The properties of a user take at most 262144 bytes.".to_owned();
        assert_eq!(rejected, Err(ApiError::InvalidData(message)));
        // A new value replaces the old one.
        now = next;
        assert!(changes(&["set"], &"b".repeat(left)).apply(&now, &BTreeMap::new(), &holder).is_ok());
    }

    /// Fewer properties are always accepted, also by an entity from before the limit.
    #[test]
    fn the_number_of_the_properties_of_an_entity_can_be_limited() {
        let user = UserPath { client: ClientExtId::unchecked("100"), user: ExtId::unchecked("user-123") };
        let holder = mobile_signature::holder(&user);
        let with = |count: usize| {
            let names = (0..count).map(|number| (format!("kept-{number}"), "1".to_owned()));
            Values { properties: names.collect::<BTreeMap<_, _>>().into(), ..Values::default() }
        };
        let apply = |count, value| changes(&["set"], value).apply(&with(count), &BTreeMap::new(), &holder);
        assert!(apply(29, "1").is_ok());
        let message = "At most 30 properties of a mobile signature can have a value.".to_owned();
        assert_eq!(apply(30, "1"), Err(ApiError::InvalidData(message)));
        assert!(apply(40, "").is_ok());
    }
}
