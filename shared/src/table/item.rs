//! Items as they are read: what stands at a key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::TableError;
use super::key::{Key, PK, SK};

/// The attribute that says what kind of thing an item is.
pub const ENTITY_TYPE: &str = "entityType";
/// The attribute of the version that readers see: 0 at creation, one more with each change that they see.
pub const VERSION: &str = "version";
/// The attribute of the revision: 0 at creation, one more with each change, including those that only
/// the service sees. Transactions check it.
pub const REVISION: &str = "revision";

/// An item of the table, as it was answered. What is to be written is a [`NewItem`](super::NewItem).
#[derive(Clone, Debug, PartialEq)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    /// The item that the table answered with.
    #[must_use]
    pub fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// Where the item stands.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when it has no key.
    pub fn key(&self) -> Result<Key, TableError> {
        Ok(Key::new(&[self.text(PK)?], &[self.text(SK)?]))
    }

    /// Returns true if the item has this attribute.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text that has to be there.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when it is not.
    pub fn text(&self, name: &str) -> Result<&str, TableError> {
        self.optional_text(name)?.ok_or_else(|| corrupt(name))
    }

    /// A text that may be there.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when something else is.
    pub fn optional_text(&self, name: &str) -> Result<Option<&str>, TableError> {
        self.read(name, |value| value.as_s().ok().map(String::as_str))
    }

    /// A number that has to be there.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when it is not.
    pub fn number(&self, name: &str) -> Result<u64, TableError> {
        self.optional_number(name)?.ok_or_else(|| corrupt(name))
    }

    /// A number that may be there.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when something else is.
    pub fn optional_number(&self, name: &str) -> Result<Option<u64>, TableError> {
        self.read(name, |value| value.as_n().ok().and_then(|digits| digits.parse().ok()))
    }

    /// A flag that has to be there.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when it is not.
    pub fn flag(&self, name: &str) -> Result<bool, TableError> {
        self.read(name, |value| value.as_bool().ok().copied())?.ok_or_else(|| corrupt(name))
    }

    /// A map of texts; none is an empty one.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when something else is there.
    pub fn texts(&self, name: &str) -> Result<BTreeMap<String, String>, TableError> {
        let texts = self.read(name, |value| {
            let entries = value.as_m().ok()?.iter();
            entries.map(|(key, value)| Some((key.clone(), value.as_s().ok()?.clone()))).collect()
        })?;
        Ok(texts.unwrap_or_default())
    }

    /// A set of texts; none is an empty one.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when something else is there.
    pub fn set(&self, name: &str) -> Result<BTreeSet<String>, TableError> {
        let set = self.read(name, |value| Some(value.as_ss().ok()?.iter().cloned().collect()))?;
        Ok(set.unwrap_or_default())
    }

    /// An answer about the item, with what answers tell of its history: when it was created and
    /// changed last, and its version.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item does not carry them.
    pub fn with_history(&self, mut body: Value) -> Result<Value, TableError> {
        body["created"] = self.text("created")?.into();
        body["lastModified"] = self.text("lastModified")?.into();
        body["version"] = self.number(VERSION)?.into();
        Ok(body)
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        of: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, TableError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => of(value).map(Some).ok_or_else(|| corrupt(name)),
        }
    }
}

/// Logs that an item does not hold what its kind has to hold.
fn corrupt(attribute: &str) -> TableError {
    tracing::error!(attribute, "an item of the table lacks an attribute or has it in another type");
    TableError::Corrupt
}

#[cfg(test)]
mod tests;
