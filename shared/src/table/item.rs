//! Items as they are read from the table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::TableError;
use super::key::{Key, PK, SK, split_copy};
use crate::clock::Timestamp;

/// The attribute with the kind of an item.
pub const ENTITY_TYPE: &str = "entityType";
/// The attribute with the version that readers see: 0 at creation, incremented by each visible change.
pub const VERSION: &str = "version";
/// The attribute with the revision: 0 at creation, incremented by each change, including internal ones.
///
/// Transactions use it as optimistic lock, together with the request.
pub const REVISION: &str = "revision";

/// The attribute with the identifier of the deletion that will delete the item.
///
/// To callers, an item with it does not exist: they do not read it, and no condition that it exists holds for it.
pub const DELETION: &str = "deletion";

/// The attribute with the expiry of an item, in seconds since 1970, after which the table deletes it.
pub const EXPIRES: &str = "expires";

/// Returns the value of [`EXPIRES`] for an item that is kept for a number of seconds from a time on.
#[must_use]
pub fn expiry(from: Timestamp, seconds: u64) -> u64 {
    from.unix_seconds().unsigned_abs() + seconds
}

/// The attribute with the number of copies of an item that lies in several; see [`Key`].
pub const COPIES: &str = "copies";

/// The attribute of a copy until when checks of it wait, in milliseconds since 1970; see [`Table::transact`].
///
/// [`Table::transact`]: super::Table::transact
pub const HELD_UNTIL: &str = "heldUntil";

/// The attributes that may differ between the copies of an item.
const OWN_ATTRIBUTES: [&str; 2] = [PK, HELD_UNTIL];

/// The attribute with the ID of the request that wrote the item last.
///
/// Together with the revision, it tells an item from one that was created again at the same key.
pub(super) const REQUEST: &str = "requestId";

/// An item that was read from the table. For items to write, see [`NewItem`](super::NewItem).
#[derive(Clone, Debug, PartialEq)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    /// Creates an item from the attributes of a response.
    #[must_use]
    pub fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// Returns the key of the item, which is the same for all of its copies.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the item has none.
    pub fn key(&self) -> Result<Key, TableError> {
        let (pk, sk) = (self.text(PK)?, self.text(SK)?);
        Ok(match self.optional_number(COPIES)? {
            None => Key::new(&[pk], &[sk]),
            Some(copies) => Key::of_copy(copies, pk, sk),
        })
    }

    /// Returns the number of this copy of an item that lies in several. It is 0 for a single item.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the item has no key.
    pub fn copy_number(&self) -> Result<u64, TableError> {
        Ok(if self.has(COPIES) { split_copy(self.text(PK)?).1 } else { 0 })
    }

    /// Returns the attributes that are the same in all copies of the item.
    #[must_use]
    pub fn shared_attributes(&self) -> BTreeMap<&str, &AttributeValue> {
        let shared = self.0.iter().filter(|(name, _)| !OWN_ATTRIBUTES.contains(&name.as_str()));
        shared.map(|(name, value)| (name.as_str(), value)).collect()
    }

    /// Returns true if the item has this attribute.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns true if a deletion that has begun will delete the item.
    #[must_use]
    pub fn is_being_deleted(&self) -> bool {
        self.has(DELETION)
    }

    /// Returns a required text.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute is missing or has another type.
    pub fn text(&self, name: &str) -> Result<&str, TableError> {
        self.optional_text(name)?.ok_or_else(|| corrupt(name, "text"))
    }

    /// Returns an optional text.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute has another type.
    pub fn optional_text(&self, name: &str) -> Result<Option<&str>, TableError> {
        self.read(name, "text", |value| value.as_s().ok().map(String::as_str))
    }

    /// Returns a required number.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute is missing or has another type.
    pub fn number(&self, name: &str) -> Result<u64, TableError> {
        self.optional_number(name)?.ok_or_else(|| corrupt(name, "number"))
    }

    /// Returns an optional number.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute has another type.
    pub fn optional_number(&self, name: &str) -> Result<Option<u64>, TableError> {
        self.read(name, "number", |value| value.as_n().ok().and_then(|digits| digits.parse().ok()))
    }

    /// Returns a required flag.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute is missing or has another type.
    pub fn flag(&self, name: &str) -> Result<bool, TableError> {
        self.read(name, "flag", |value| value.as_bool().ok().copied())?.ok_or_else(|| corrupt(name, "flag"))
    }

    /// Returns a map of texts, which is empty if the attribute is missing.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute has another type.
    pub fn texts(&self, name: &str) -> Result<BTreeMap<String, String>, TableError> {
        let texts = self.read(name, "map of texts", |value| {
            let entries = value.as_m().ok()?.iter();
            entries.map(|(key, value)| Some((key.clone(), value.as_s().ok()?.clone()))).collect()
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// Returns the entries of a map as an item of their own, if the attribute exists.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute has another type.
    pub fn map(&self, name: &str) -> Result<Option<Self>, TableError> {
        self.read(name, "map", |value| value.as_m().ok().cloned().map(Self))
    }

    /// Returns a set of texts, which is empty if the attribute is missing.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the attribute has another type.
    pub fn set(&self, name: &str) -> Result<BTreeSet<String>, TableError> {
        let set =
            self.read(name, "set of texts", |value| Some(value.as_ss().ok()?.iter().cloned().collect()))?;
        Ok(set.unwrap_or_default())
    }

    /// Returns a body with the history of the item: `created`, `lastModified` and `version`.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the item lacks any of them.
    pub fn with_history(&self, mut body: Value) -> Result<Value, TableError> {
        body["created"] = self.text("created")?.into();
        body["lastModified"] = self.text("lastModified")?.into();
        body["version"] = self.number(VERSION)?.into();
        Ok(body)
    }

    /// Adds these texts of the item to a body.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the item lacks any of them.
    pub fn complete(&self, body: &mut Value, texts: &[&str]) -> Result<(), TableError> {
        for name in texts {
            body[*name] = self.text(name)?.into();
        }
        Ok(())
    }

    /// Sets an attribute, or removes it if there is no value.
    pub(super) fn set_attribute(&mut self, name: &str, value: Option<AttributeValue>) {
        match value {
            Some(value) => drop(self.0.insert(name.to_owned(), value)),
            None => drop(self.0.remove(name)),
        }
    }

    /// Sets an entry of a map, or removes it if there is no value.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if the map is missing.
    pub(super) fn set_entry(
        &mut self,
        map: &str,
        entry: &str,
        value: Option<AttributeValue>,
    ) -> Result<(), TableError> {
        let Some(AttributeValue::M(entries)) = self.0.get_mut(map) else { return Err(corrupt(map, "map")) };
        match value {
            Some(value) => drop(entries.insert(entry.to_owned(), value)),
            None => drop(entries.remove(entry)),
        }
        Ok(())
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        expected: &'static str,
        value_of: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, TableError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value_of(value).map(Some).ok_or_else(|| corrupt(name, expected)),
        }
    }
}

/// Logs that an item lacks a required attribute or has it with another type.
fn corrupt(attribute: &str, expected: &'static str) -> TableError {
    tracing::error!(attribute, expected, "corrupt item");
    TableError::Corrupt
}

#[cfg(test)]
mod tests;
