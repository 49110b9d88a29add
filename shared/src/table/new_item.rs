//! Items as they are written, and the attributes that every one of them carries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::attribute::{AttributeValue, number, text, text_map, text_set};
use super::item::{ENTITY_TYPE, Item, REVISION, VERSION};
use super::key::{Key, PK, SK};
use crate::clock::Timestamp;

/// How many attributes there is room for at first: more than most items have.
const USUAL_ATTRIBUTES: usize = 16;
/// How many attributes say who created an item, and when.
const CREATED: usize = 2;
/// How many say who changed it last, when, and in which request.
const CHANGED: usize = 3;

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

/// A stamp as it is written, its time made a text once.
pub(super) struct Stamped<'a> {
    now: String,
    stamp: &'a Stamp,
}

impl<'a> Stamped<'a> {
    pub(super) fn new(stamp: &'a Stamp) -> Self {
        Self { now: stamp.now.to_string(), stamp }
    }

    /// The attributes that say who created an item.
    fn created(&self) -> [(&'static str, AttributeValue); CREATED] {
        [("created", text(&self.now)), ("createdBy", text(&self.stamp.by))]
    }

    /// The attributes that say who changed it last.
    pub(super) fn changed(&self) -> [(&'static str, AttributeValue); CHANGED] {
        [("lastModified", text(&self.now)), ("modifiedBy", text(&self.stamp.by)), self.request()]
    }

    /// The attribute that says in which request an item was written last.
    pub(super) fn request(&self) -> (&'static str, AttributeValue) {
        ("requestId", text(&self.stamp.request))
    }
}

/// An item that is to be put.
#[derive(Clone, Debug, PartialEq)]
pub struct NewItem(Vec<(&'static str, AttributeValue)>);

impl NewItem {
    /// An item of version 0. Who writes it, and when, the transaction adds.
    #[must_use]
    pub fn new(key: &Key, entity_type: &str) -> Self {
        Self(Vec::with_capacity(USUAL_ATTRIBUTES))
            .with_text(PK, key.pk())
            .with_text(SK, key.sk())
            .with_text(ENTITY_TYPE, entity_type)
            .with_number(VERSION, 0)
            .with_number(REVISION, 0)
    }

    /// The item as it is read after `stamp` has written it: for tests of what reads it.
    #[must_use]
    pub fn as_stored(&self, stamp: &Stamp) -> Item {
        Item::from_attributes(self.attributes(&Stamped::new(stamp)))
    }

    /// The attributes as the table takes them, for one attempt. Those of the stamp come last: an item
    /// cannot carry another one.
    pub(super) fn attributes(&self, stamped: &Stamped<'_>) -> HashMap<String, AttributeValue> {
        let own = self.0.iter().map(|(name, value)| (*name, value.clone()));
        let stamps = stamped.created().into_iter().chain(stamped.changed());
        let mut attributes = HashMap::with_capacity(self.0.len() + CREATED + CHANGED);
        attributes.extend(own.chain(stamps).map(|(name, value)| (name.to_owned(), value)));
        attributes
    }

    fn with(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.0.push((name, value));
        self
    }

    /// The item with this attribute, if there is a value.
    #[must_use]
    pub fn with_attribute(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The item with this text.
    #[must_use]
    pub fn with_text(self, name: &'static str, value: &str) -> Self {
        self.with(name, text(value))
    }

    /// The item with this text, when there is one.
    #[must_use]
    pub fn with_optional_text(self, name: &'static str, value: Option<&str>) -> Self {
        self.with_attribute(name, value.map(text))
    }

    /// The item with this number.
    #[must_use]
    pub fn with_number(self, name: &'static str, value: u64) -> Self {
        self.with(name, number(value))
    }

    /// The item with this flag.
    #[must_use]
    pub fn with_flag(self, name: &'static str, value: bool) -> Self {
        self.with(name, AttributeValue::Bool(value))
    }

    /// The item with this map of texts.
    #[must_use]
    pub fn with_texts(self, name: &'static str, value: &BTreeMap<String, String>) -> Self {
        self.with(name, text_map(value))
    }

    /// The item with this set of texts; an empty one is left out.
    #[must_use]
    pub fn with_set(self, name: &'static str, value: &BTreeSet<String>) -> Self {
        self.with_attribute(name, text_set(value))
    }
}
