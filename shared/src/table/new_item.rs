//! New items and the attributes that all items have.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::TableError;
use super::attribute::{AttributeValue, number, text, text_map, text_set};
use super::item::{COPIES, ENTITY_TYPE, Item, REQUEST, REVISION, VERSION};
use super::key::Key;
use crate::clock::Timestamp;

/// The initial capacity of the list of attributes, which most items do not exceed.
const USUAL_ATTRIBUTES: usize = 16;
/// The attributes that record the creation: time and author.
const CREATED: [&str; 2] = ["created", "createdBy"];
/// The number of attributes of the key.
const KEY: usize = 2;
/// The number of attributes that record the last change.
const CHANGED: usize = 3;

/// The author, the time and the request of all changes that a request makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time of the request.
    pub now: Timestamp,
    /// The name of the caller: client and subject, separated by `/`.
    pub by: String,
    /// The request ID.
    pub request: String,
}

/// A stamp whose time is formatted once.
pub(super) struct Stamped<'a> {
    now: String,
    stamp: &'a Stamp,
}

impl<'a> Stamped<'a> {
    pub(super) fn new(stamp: &'a Stamp) -> Self {
        Self { now: stamp.now.to_string(), stamp }
    }

    /// Returns the values of the attributes that record the creation.
    fn created(&self) -> [AttributeValue; CREATED.len()] {
        [text(&self.now), text(&self.stamp.by)]
    }

    /// Returns the attributes that record the last change.
    pub(super) fn changed(&self) -> [(&'static str, AttributeValue); CHANGED] {
        [("lastModified", text(&self.now)), ("modifiedBy", text(&self.stamp.by)), self.request()]
    }

    /// Returns the attribute with the ID of the last request.
    pub(super) fn request(&self) -> (&'static str, AttributeValue) {
        (REQUEST, text(&self.stamp.request))
    }
}

/// An item to write.
#[derive(Clone, Debug, PartialEq)]
pub struct NewItem {
    /// Without parts for the entries of a map.
    key: Key,
    attributes: Vec<(&'static str, AttributeValue)>,
    /// The record of the creation, if it is that of another item.
    created: Option<[AttributeValue; CREATED.len()]>,
}

impl NewItem {
    /// Creates an item of version 0. The transaction adds the stamp.
    #[must_use]
    pub fn new(key: &Key, entity_type: &str) -> Self {
        let copies = Some(key.copies()).filter(|copies| *copies > 1);
        Self { key: key.clone(), attributes: Vec::with_capacity(USUAL_ATTRIBUTES), created: None }
            .with_attribute(COPIES, copies.map(number))
            .with_text(ENTITY_TYPE, entity_type)
            .with_number(VERSION, 0)
            .with_number(REVISION, 0)
    }

    /// Returns the item as after its first change. Before it, the thing is there without an item.
    #[must_use]
    pub fn changed_once(self) -> Self {
        self.with_number(VERSION, 1).with_number(REVISION, 1)
    }

    /// Returns the item with the history of `item` after its next change, of which it is a copy.
    ///
    /// # Errors
    /// Returns [`TableError::Corrupt`] if `item` has no history.
    pub fn with_history_of(self, item: &Item) -> Result<Self, TableError> {
        let [time, author] = CREATED;
        let created = Some([text(item.text(time)?), text(item.text(author)?)]);
        let (version, revision) = (item.number(VERSION)? + 1, item.number(REVISION)? + 1);
        Ok(Self { created, ..self }.with_number(VERSION, version).with_number(REVISION, revision))
    }

    /// Creates the entries of a map, which is the value of an attribute.
    #[must_use]
    pub(crate) fn map() -> Self {
        Self { key: Key::new(&[], &[]), attributes: Vec::new(), created: None }
    }

    /// Returns the entries of a map as an attribute; `None` if there are none.
    #[must_use]
    pub(crate) fn into_attribute(self) -> Option<AttributeValue> {
        let entries: HashMap<_, _> =
            self.attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (!entries.is_empty()).then_some(AttributeValue::M(entries))
    }

    /// Returns the key.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Returns the item as it is read after it was written with `stamp`.
    #[must_use]
    pub fn as_stored(&self, stamp: &Stamp) -> Item {
        Item::from_attributes(self.attributes(0, &Stamped::new(stamp)))
    }

    /// Returns the attributes of a copy of the item in the SDK's format, for one attempt.
    ///
    /// Those of the stamp come last, so that an item cannot override them.
    pub(super) fn attributes(&self, copy: u64, stamped: &Stamped<'_>) -> HashMap<String, AttributeValue> {
        let own = self.attributes.iter().map(|(name, value)| (*name, value.clone()));
        let created = self.created.clone().unwrap_or_else(|| stamped.created());
        let stamps = CREATED.into_iter().zip(created).chain(stamped.changed());
        let mut attributes = HashMap::with_capacity(KEY + self.attributes.len() + CREATED.len() + CHANGED);
        attributes.extend(self.key.attributes(copy));
        attributes.extend(own.chain(stamps).map(|(name, value)| (name.to_owned(), value)));
        attributes
    }

    fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.attributes.push((name, value));
        self
    }

    /// Returns the item with this attribute, if there is a value.
    #[must_use]
    pub fn with_attribute(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Returns the item with this text.
    #[must_use]
    pub fn with_text(self, name: &'static str, value: &str) -> Self {
        self.with(name, text(value))
    }

    /// Returns the item with this text, if there is one.
    #[must_use]
    pub fn with_optional_text(self, name: &'static str, value: Option<&str>) -> Self {
        self.with_attribute(name, value.map(text))
    }

    /// Returns the item with this number.
    #[must_use]
    pub fn with_number(self, name: &'static str, value: u64) -> Self {
        self.with(name, number(value))
    }

    /// Returns the item with this flag.
    #[must_use]
    pub fn with_flag(self, name: &'static str, value: bool) -> Self {
        self.with(name, AttributeValue::Bool(value))
    }

    /// Returns the item with this map of texts.
    #[must_use]
    pub fn with_texts(self, name: &'static str, value: &BTreeMap<String, String>) -> Self {
        self.with(name, text_map(value))
    }

    /// Returns the item with this set of texts. An empty set is omitted.
    #[must_use]
    pub fn with_set(self, name: &'static str, value: &BTreeSet<String>) -> Self {
        self.with_attribute(name, text_set(value))
    }
}
