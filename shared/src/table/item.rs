//! Items: what stands at a key, and the attributes that every one of them carries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use super::TableError;
use super::key::{Key, PK, SK};
use crate::clock::Timestamp;

/// The attribute that says what kind of thing an item is.
pub const ENTITY_TYPE: &str = "entityType";
/// The attribute of the item's version: 0 when it is created, one more with each change.
pub const VERSION: &str = "version";

/// Who writes, when, and in which request: the same for all items of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time of the request.
    pub now: Timestamp,
    /// The caller: client and subject, with `/` between them.
    pub by: String,
    /// The id of the request.
    pub request: String,
}

/// An item of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Item(HashMap<String, AttributeValue>);

impl Item {
    /// A new item of version 0, with the attributes that every item carries.
    #[must_use]
    pub fn new(key: &Key, entity_type: &str, stamp: &Stamp) -> Self {
        let now = stamp.now.to_string();
        Self(key.attributes())
            .with_text(ENTITY_TYPE, entity_type)
            .with_text("created", &now)
            .with_text("createdBy", &stamp.by)
            .with_text("lastModified", &now)
            .with_text("modifiedBy", &stamp.by)
            .with_number(VERSION, 0)
            .with_text("requestId", &stamp.request)
    }

    /// The item that the table answered with.
    #[must_use]
    pub fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }

    /// The attributes as the table takes them.
    #[must_use]
    pub fn into_attributes(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    /// Where the item stands.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when it has no key.
    pub fn key(&self) -> Result<Key, TableError> {
        Ok(Key::new(&[self.text(PK)?], &[self.text(SK)?]))
    }

    fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The item with this text.
    #[must_use]
    pub fn with_text(self, name: &str, value: &str) -> Self {
        self.with(name, AttributeValue::S(value.to_owned()))
    }

    /// The item with this text, when there is one.
    #[must_use]
    pub fn with_optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with_text(name, value),
            None => self,
        }
    }

    /// The item with this number.
    #[must_use]
    pub fn with_number(self, name: &str, value: u64) -> Self {
        self.with(name, number(value))
    }

    /// The item with this flag.
    #[must_use]
    pub fn with_flag(self, name: &str, value: bool) -> Self {
        self.with(name, AttributeValue::Bool(value))
    }

    /// The item with this map of texts.
    #[must_use]
    pub fn with_texts(self, name: &str, value: &BTreeMap<String, String>) -> Self {
        self.with(name, text_map(value))
    }

    /// The item with this set of texts; an empty one is left out.
    #[must_use]
    pub fn with_set(self, name: &str, value: &BTreeSet<String>) -> Self {
        match text_set(value) {
            Some(value) => self.with(name, value),
            None => self,
        }
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

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A map of texts as an attribute.
#[must_use]
pub fn text_map(texts: &BTreeMap<String, String>) -> AttributeValue {
    AttributeValue::M(
        texts.iter().map(|(name, text)| (name.clone(), AttributeValue::S(text.clone()))).collect(),
    )
}

/// A set of texts as an attribute; `None` for an empty one, which the table does not know.
#[must_use]
pub fn text_set(texts: &BTreeSet<String>) -> Option<AttributeValue> {
    (!texts.is_empty()).then(|| AttributeValue::Ss(texts.iter().cloned().collect()))
}

#[cfg(test)]
mod tests;
