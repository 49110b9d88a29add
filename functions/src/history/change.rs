//! Changes of objects, as readers see them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use shared::clock::Timestamp;
use shared::table::item::{DELETION, VERSION};
use shared::table::stream::{ItemChange, StreamRecord};
use shared::table::{Item, Key, TableError, tombstone};

use super::change_type::ChangeType;
use super::kinds::{Kind, Members};

/// The maximum size of a value, as JSON in bytes, in a row or an event that would be too large. Only the values of
/// properties, which are one field, can be larger.
const MAX_VALUE: usize = 16 * 1024;

/// Who changed an object, when, and with which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The caller or the job: client and subject, separated by `/`.
    pub by: String,
    /// The time.
    pub at: String,
    /// The ID of the request.
    pub request: String,
}

/// Where the author of a change is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The item after the change names the author.
    Item(Author),
    /// The deletion with this identifier, which has begun.
    Deletion(String),
    /// The tombstone of the item, or the deletion of its owner.
    Tombstone(Removed),
}

/// A deleted item.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    /// Its key.
    pub key: Key,
    /// The key of its tombstone, if it was deleted alone.
    pub tombstone: Key,
    /// When it was last changed.
    pub changed: Option<Timestamp>,
}

impl Removed {
    fn of(item: &Item) -> Result<Self, TableError> {
        let changed = Timestamp::parse(item.text("lastModified")?);
        Ok(Self { key: item.key()?, tombstone: tombstone::key_of(item)?, changed })
    }
}

/// A change of an object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of the object.
    pub kind: &'static Kind,
    /// The identifiers of the object, by name.
    pub identifiers: Map<String, Value>,
    /// What happened.
    pub change_type: ChangeType,
    /// The version after the change or, of a deleted object, the last one.
    pub version: u64,
    /// When the object was created.
    pub created: String,
    /// Who created it.
    pub created_by: String,
    /// Where the author is found.
    pub source: Source,
    /// The fields before the change. Empty for a new object.
    pub before: Members,
    /// The fields after the change. Empty for a deleted object.
    pub after: Members,
}

impl Change {
    /// Returns the change that readers see by that of an item. Returns `None` if they see none: of a copy, of an entry of
    /// a list, of a reservation, or of what only the service counts.
    ///
    /// An object is deleted for readers as soon as its deletion has begun.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item is not what its entity type says.
    pub fn of(record: &StreamRecord) -> Result<Option<Self>, TableError> {
        let (change_type, before, after, source) = match &record.change {
            ItemChange::Created(new) => (ChangeType::Created, None, Some(new), Source::Item(author_of(new)?)),
            ItemChange::Deleted(old) | ItemChange::Changed(old, _) if old.is_being_deleted() => {
                return Ok(None);
            }
            ItemChange::Deleted(old) => {
                (ChangeType::Deleted, Some(old), None, Source::Tombstone(Removed::of(old)?))
            }
            ItemChange::Changed(old, new) => match new.optional_text(DELETION)? {
                Some(id) => (ChangeType::Deleted, Some(old), None, Source::Deletion(id.to_owned())),
                None if old.number(VERSION)? == new.number(VERSION)? => return Ok(None),
                None => (ChangeType::Changed, Some(old), Some(new), Source::Item(author_of(new)?)),
            },
        };
        let Some(item) = after.or(before) else { return Ok(None) };
        let Some(kind) = Kind::of(item)? else { return Ok(None) };
        let members = |item: Option<&Item>| item.map(|item| kind.members(item)).transpose();
        Ok(Some(Self {
            kind,
            identifiers: kind.identifiers_of(item)?,
            change_type: if kind.is_implicit && before.is_none() { ChangeType::Changed } else { change_type },
            version: item.number(VERSION)?,
            created: item.text("created")?.to_owned(),
            created_by: item.text("createdBy")?.to_owned(),
            source,
            before: members(before)?.unwrap_or_default(),
            after: members(after)?.unwrap_or_default(),
        }))
    }

    /// Returns the shown fields that differ, each with its values before and after.
    #[must_use]
    pub fn changes(&self) -> Map<String, Value> {
        let mut changes = Map::new();
        for name in self.differing() {
            let values = [("before", &self.before), ("after", &self.after)]
                .map(|(side, members)| Some((side.to_owned(), members.disclosed.get(name)?.clone())));
            let values: Map<String, Value> = values.into_iter().flatten().collect();
            if !values.is_empty() {
                changes.insert(name.clone(), Value::Object(values));
            }
        }
        changes
    }

    /// Returns the names of the fields that differ but are not shown, or only in part.
    #[must_use]
    pub fn hidden(&self) -> Vec<&String> {
        let is_hidden = |name: &&String| self.before.disclosed.get(*name) == self.after.disclosed.get(*name);
        self.differing().filter(is_hidden).collect()
    }

    /// Returns the names of the fields that differ.
    pub fn differing(&self) -> impl Iterator<Item = &String> {
        let gone = self.before.all.keys().filter(|name| !self.after.all.contains_key(*name));
        let is_changed = |name: &&String| self.before.all.get(*name) != self.after.all.get(*name);
        gone.chain(self.after.all.keys().filter(is_changed))
    }

    /// Returns the change without the values of fields that are larger than 16 KiB as JSON, as if these were hidden.
    #[must_use]
    pub fn without_large_values(&self) -> Self {
        let is_large = |value: &Value| value.to_string().len() > MAX_VALUE;
        let sides = [&self.before.disclosed, &self.after.disclosed];
        let members = sides.into_iter().flatten();
        let large: BTreeSet<&String> =
            members.filter(|(_, value)| is_large(value)).map(|(name, _)| name).collect();
        let mut change = self.clone();
        change.before.disclosed.retain(|name, _| !large.contains(name));
        change.after.disclosed.retain(|name, _| !large.contains(name));
        change
    }

    /// Returns an identifier of the object, if it has it.
    #[must_use]
    pub fn identifier(&self, name: &str) -> Option<&str> {
        self.identifiers.get(name)?.as_str()
    }

    /// Returns the data of an event.
    #[must_use]
    pub fn data(&self, author: Option<&Author>) -> Value {
        json!({
            "operation": self.change_type.as_str(),
            "identifiers": self.identifiers,
            "version": self.version,
            "modifiedBy": author.map(|author| &author.by),
            "modifiedAt": author.map(|author| &author.at),
            "requestId": author.map(|author| &author.request),
            "createdBy": self.created_by,
            "createdAt": self.created,
            "changes": self.changes(),
            "hidden": self.hidden(),
        })
    }
}

/// Returns the author of the last change of an item.
///
/// # Errors
/// [`TableError::Corrupt`] if the item has none.
pub(super) fn author_of(item: &Item) -> Result<Author, TableError> {
    let text = |name| item.text(name).map(str::to_owned);
    Ok(Author { by: text("modifiedBy")?, at: text("lastModified")?, request: text("requestId")? })
}
