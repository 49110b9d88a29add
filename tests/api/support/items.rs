//! The items of the table, and the changes to them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, Get, TransactGetItem};
use serde_json::{Map, Value, json};

use functions::history::row;
use shared::table::item::{COPIES, HELD_UNTIL};
use shared::table::key::{PK, SK};
use shared::table::{Item, Key, tombstone};

use super::jobs::without_progress;
use super::names::{Names, PROPERTY};

/// Request id of the items that exist before a test.
pub(crate) const IMPORT: &str = "<import>";

/// The entity types of the items that record changes, which tests of their own compare.
const OF_CHANGES: [&str; 2] = [tombstone::ENTITY_TYPE, row::ENTITY_TYPE];

/// The items of a test by `PK | SK`. They exclude those that record changes.
#[derive(Clone, PartialEq)]
pub(crate) struct Items(BTreeMap<String, Value>);

impl Items {
    /// Reads the table. If the table is shared, only items that callers of this test have created
    /// or changed are returned.
    pub(crate) async fn read(client: &Client, table: &str, names: &Names) -> Self {
        Self::of(scan(client, table, names).await, names)
    }

    /// Converts the items to one JSON object.
    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.0.into_iter().collect())
    }

    /// Converts items and scrubs values that vary between runs.
    pub(crate) fn of(
        items: impl IntoIterator<Item = HashMap<String, AttributeValue>>,
        names: &Names,
    ) -> Self {
        let is_kept = |item: &HashMap<String, AttributeValue>| {
            let entity_type = item.get("entityType").and_then(|value| value.as_s().ok());
            !entity_type.is_some_and(|entity_type| OF_CHANGES.contains(&entity_type.as_str()))
        };
        let items = without_copies(items).into_iter().filter(is_kept).map(|item| {
            let mut item: Map<String, Value> =
                item.into_iter().map(|(name, value)| (name, json_of(value))).collect();
            if item.get("requestId").is_some_and(|request| request != IMPORT) {
                item.insert("requestId".to_owned(), "<request>".into());
            }
            let mut item = names.scrub(Value::Object(item));
            let is_of_property = |location: &str| location.ends_with(&format!("/properties/{PROPERTY}"));
            if item["location"].as_str().is_some_and(is_of_property) {
                item["createdId"] = PROPERTY.into();
            }
            (key_of(&item), item)
        });
        Self(items.collect())
    }

    /// Returns the changes since `before`: new items as a whole, the changed attributes of existing
    /// items (`null` for a removed attribute), and the keys of deleted items.
    pub(crate) fn since(&self, before: &Self) -> Changes {
        let mut changes = Changes::default();
        for (key, item) in &self.0 {
            match before.0.get(key) {
                None => drop(changes.created.insert(key.clone(), item.clone())),
                Some(old) if old == item => {}
                Some(old) => drop(changes.changed.insert(key.clone(), difference(old, item))),
            }
        }
        let gone = before.0.keys().filter(|key| !self.0.contains_key(*key));
        changes.deleted.extend(gone.cloned());
        changes
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#}", json!(self.0))
    }
}

/// Reads the items of [`Items::read`] as they are stored, in the order of their keys.
pub(crate) async fn stored(client: &Client, table: &str, names: &Names) -> Vec<Item> {
    let items = scan(client, table, names).await.into_iter().map(Item::from_attributes);
    let mut items: Vec<Item> = items.collect();
    items.sort_by_cached_key(|item| item.key().ok());
    items
}

async fn scan(client: &Client, table: &str, names: &Names) -> Vec<HashMap<String, AttributeValue>> {
    let mut items = Vec::new();
    let mut next = None;
    loop {
        let mut scan = client.scan().table_name(table).consistent_read(true).set_exclusive_start_key(next);
        if !names.suffix().is_empty() {
            scan = scan
                .filter_expression("contains(createdBy, :tag) OR contains(modifiedBy, :tag)")
                .expression_attribute_values(":tag", AttributeValue::S(names.suffix().to_owned()));
        }
        // On a shared host, the table has the items of all tests, and one attempt may take too long.
        let first = scan.clone().send().await;
        let page = match first {
            Ok(page) => page,
            Err(_) => scan.send().await.expect("the table can be read"),
        };
        items.extend(page.items.unwrap_or_default());
        next = page.last_evaluated_key;
        if next.is_none() {
            return items;
        }
    }
}

/// Returns the items, and only the first copy of those that lie in several. All copies must be among the items and be
/// equal.
fn without_copies(
    items: impl IntoIterator<Item = HashMap<String, AttributeValue>>,
) -> Vec<HashMap<String, AttributeValue>> {
    let mut copies: BTreeMap<Key, Vec<HashMap<String, AttributeValue>>> = BTreeMap::new();
    for item in items {
        let key = Item::from_attributes(item.clone()).key().expect("a key");
        copies.entry(key).or_default().push(item);
    }
    let first = |(key, mut copies): (Key, Vec<HashMap<String, AttributeValue>>)| {
        assert_eq!(u64::try_from(copies.len()), Ok(key.copies()), "the copies of {key:?}");
        for copy in &mut copies {
            for name in [PK, COPIES, HELD_UNTIL] {
                copy.remove(name);
            }
        }
        let mut first = copies.pop().expect("a copy");
        assert!(copies.iter().all(|copy| *copy == first), "the copies of {key:?} differ");
        first.insert(PK.to_owned(), AttributeValue::S(key.pk().to_owned()));
        first
    };
    copies.into_iter().map(first).collect()
}

/// Reads the items at these keys in one transaction.
pub(crate) async fn at(client: &Client, table: &str, keys: &[Key]) -> Vec<Option<Value>> {
    let gets = keys.iter().map(|key| {
        let part = |text: &str| AttributeValue::S(text.to_owned());
        let get = Get::builder().table_name(table).key(PK, part(key.pk())).key(SK, part(key.sk()));
        TransactGetItem::builder().get(get.build().expect("a read")).build()
    });
    let gets: Vec<TransactGetItem> = gets.collect();
    loop {
        let read = client.transact_get_items().set_transact_items(Some(gets.clone())).send().await;
        match read.map_err(SdkError::into_service_error) {
            Ok(read) => {
                let items = read.responses.unwrap_or_default().into_iter();
                return items.map(|item| item.item.map(|item| json_of(AttributeValue::M(item)))).collect();
            }
            // An item is being written concurrently.
            Err(error) if error.is_transaction_canceled_exception() => {}
            Err(error) => panic!("the table can be read: {error:?}"),
        }
    }
}

/// Changes to the table, observed or expected.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Changes {
    created: BTreeMap<String, Value>,
    changed: BTreeMap<String, Value>,
    deleted: Vec<String>,
}

impl Changes {
    /// Returns no changes.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Returns the numbers of created, changed and deleted items.
    pub(crate) fn counts(&self) -> [usize; 3] {
        [self.created.len(), self.changed.len(), self.deleted.len()]
    }

    /// Adds a new item that `by` has created, with these attributes besides the common ones.
    pub(crate) fn created(mut self, by: &str, key: [&str; 2], entity_type: &str, item: Value) -> Self {
        let mut whole = json!({
            "PK": key[0], "SK": key[1], "entityType": entity_type, "version": "0", "revision": "0",
            "created": "<now>", "createdBy": by, "lastModified": "<now>", "modifiedBy": by,
            "requestId": "<request>",
        });
        merge(&mut whole, item);
        self.created.insert(key.join(" | "), whole);
        self
    }

    /// Adds an item with these changed attributes besides the audit attributes. `version` is the
    /// new version.
    pub(crate) fn changed(mut self, by: &str, key: [&str; 2], version: u64, item: Value) -> Self {
        let mut whole = json!({
            "version": version.to_string(), "revision": version.to_string(), "lastModified": "<now>",
            "modifiedBy": by, "requestId": "<request>",
        });
        merge(&mut whole, item);
        self.changed.insert(key.join(" | "), whole);
        self
    }

    /// Adds an item with these changed attributes, in a change that readers do not see. `revision` is the new
    /// revision.
    pub(crate) fn changed_internally(mut self, key: [&str; 2], revision: u64, item: Value) -> Self {
        let mut whole = json!({"revision": revision.to_string(), "requestId": "<request>"});
        merge(&mut whole, item);
        self.changed.insert(key.join(" | "), whole);
        self
    }

    /// Adds a changed item that the same caller has already changed before.
    pub(crate) fn changed_again(mut self, key: [&str; 2], version: u64, item: Value) -> Self {
        let mut whole = json!({"version": version.to_string(), "revision": version.to_string()});
        merge(&mut whole, item);
        self.changed.insert(key.join(" | "), whole);
        self
    }

    /// Returns the changes without items that have only been marked, which has no effect.
    pub(crate) fn without_marks(mut self) -> Self {
        let is_mark = |item: &Value| {
            let mut names = item.as_object().into_iter().flat_map(Map::keys);
            item["isMarked"] == true
                && names.all(|name| ["isMarked", "revision", "requestId"].contains(&&**name))
        };
        self.changed.retain(|_, item| !is_mark(item));
        self
    }

    /// Returns the changes without what depends on whether a deletion ended in its request or in a later run of the job.
    pub(crate) fn without_progress(mut self) -> Self {
        self.created.values_mut().for_each(without_progress);
        self
    }

    /// Adds a deleted item.
    pub(crate) fn deleted(mut self, key: [&str; 2]) -> Self {
        self.deleted.push(key.join(" | "));
        self.deleted.sort_unstable();
        self
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes = json!({"created": self.created, "changed": self.changed, "deleted": self.deleted});
        write!(formatter, "{changes:#}")
    }
}

fn merge(whole: &mut Value, more: Value) {
    if let (Value::Object(whole), Value::Object(more)) = (whole, more) {
        whole.extend(more);
    }
}

fn key_of(item: &Value) -> String {
    let part = |name: &str| item[name].as_str().expect("a key").to_owned();
    format!("{} | {}", part("PK"), part("SK"))
}

fn difference(old: &Value, new: &Value) -> Value {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    let set = new.iter().filter(|(name, value)| old.get(*name) != Some(*value));
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    Value::Object(set.map(|(name, value)| (name.clone(), value.clone())).chain(gone).collect())
}

/// Converts an attribute to JSON. Numbers become strings as in the table, sets become sorted
/// arrays.
fn json_of(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.into(),
        AttributeValue::Bool(flag) => flag.into(),
        AttributeValue::M(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, json_of(value))).collect())
        }
        AttributeValue::Ss(mut texts) => {
            texts.sort_unstable();
            texts.into()
        }
        other => panic!("no attribute of this service has the type of {other:?}"),
    }
}
