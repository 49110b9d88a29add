//! Rows of the history: each is the state of an object after a change.

use serde_json::{Map, Value};
use shared::clock::Timestamp;
use shared::ids::{ExtId, sha256, sha256_hex};
use shared::table::attribute::number;
use shared::table::item::{EXPIRES, expiry};
use shared::table::stream::StreamRecord;
use shared::table::{Item, Key, NewItem, TableError};

use super::change::{Author, Change};
use super::change_type::ChangeType;
use super::kinds::{Kind, TARGET_ID};
use crate::clients::CLIENT_EXT_ID;
use crate::users::USER_EXT_ID;

/// The entity type of a row.
pub const ENTITY_TYPE: &str = "HistoryRow";
/// The attribute with the row as JSON.
const ROW: &str = "row";
/// The maximum size of the text of a row, in bytes.
pub(super) const MAX_SIZE: usize = 200 * 1024;
/// The number of digits of the time of a record. The positions in the stream of a restored table may begin again.
const SECOND: usize = 11;
/// The number of digits of the position of a record in the stream, which has at most 40.
const POSITION: usize = 40;
/// The maximum length of an identifier in a sort key, in bytes. A hash stands for a longer one.
const MAX_PART: usize = 129;
/// The number of seconds of a day.
const DAY: u64 = 24 * 60 * 60;
/// What belongs to no client has this one in keys. No identifier of a client is equal to it.
const NO_CLIENT: &str = "*";

/// Returns the partition of the rows of a kind of a client, or of what belongs to no client.
#[must_use]
pub fn partition(kind: &Kind, client: Option<&str>) -> String {
    let client = client.map_or_else(|| NO_CLIENT.to_owned(), part);
    format!("HISTORY#{}#{client}", kind.name)
}

/// Returns the beginning of the sort keys of the rows with these identifiers after the client, of which the last ones may
/// be missing.
#[must_use]
pub fn prefix<'a>(identifiers: impl IntoIterator<Item = &'a str>) -> String {
    identifiers.into_iter().fold(String::new(), |prefix, identifier| prefix + &part(identifier) + "#")
}

/// Returns an identifier as a part of a key. Several long ones would not fit into a sort key.
fn part(identifier: &str) -> String {
    let part = ExtId::<()>::unchecked(identifier).key_part().into_owned();
    if part.len() > MAX_PART { format!("#{}", sha256_hex(identifier)) } else { part }
}

/// Returns the row of a change, which a record of the stream has. It is kept for a number of days from the change or, if
/// the time of the change is unknown, from `now`; without a number, for ever. The rows of an object are in the order of
/// its changes. A row that would be larger than [`MAX_SIZE`] has no large values.
pub(super) fn new_item(
    change: &Change,
    author: Option<&Author>,
    record: &StreamRecord,
    now: Timestamp,
    days: Option<u64>,
) -> NewItem {
    let row = row(change, author);
    let mut text = row.to_string();
    if text.len() > MAX_SIZE {
        text = self::row(&change.without_large_values(), author).to_string();
    }
    let own: Vec<String> = change.kind.own_identifiers().map(|name| text_of(&row[name])).collect();
    let sk = prefix(own.iter().map(String::as_str));
    let key = Key::new(
        &[&partition(change.kind, change.identifier(CLIENT_EXT_ID))],
        &[&format!("{sk}{:0>SECOND$}{:0>POSITION$}", record.second, record.sequence)],
    );
    let from = author.and_then(|author| Timestamp::parse(&author.at)).unwrap_or(now);
    let expires = days.map(|days| expiry(from, days * DAY));
    NewItem::new(&key, ENTITY_TYPE).with_text(ROW, &text).with_attribute(EXPIRES, expires.map(number))
}

/// Returns the row of an item.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is none.
pub fn row_of(item: &Item) -> Result<Value, TableError> {
    serde_json::from_str(item.text(ROW)?).map_err(|_| TableError::Corrupt)
}

fn row(change: &Change, author: Option<&Author>) -> Value {
    let Change { kind, identifiers, change_type, version, created, created_by, before, after, .. } = change;
    let state = if *change_type == ChangeType::Deleted { before } else { after };
    let mut row = Map::new();
    row.insert("kind".to_owned(), kind.name.into());
    row.insert("origId".to_owned(), number_of(kind.name, identifiers).into());
    row.insert("versionDate".to_owned(), author.map(|author| author.at.as_str()).into());
    row.insert("versionNumber".to_owned(), (*version).into());
    row.insert("transactionId".to_owned(), author.map(|author| author.request.as_str()).into());
    row.insert("operation".to_owned(), change_type.letter().into());
    row.insert("modifiedBy".to_owned(), author.map(|author| author.by.as_str()).into());
    row.insert("modifiedAt".to_owned(), author.map(|author| author.at.as_str()).into());
    row.insert("createdBy".to_owned(), created_by.as_str().into());
    row.insert("createdAt".to_owned(), created.as_str().into());
    row.extend(identifiers.clone());
    let ext_id = kind.identifiers.iter().find(|(_, attribute)| *attribute == "extId");
    row.extend(ext_id.and_then(|(name, _)| Some(("extId".to_owned(), identifiers.get(*name)?.clone()))));
    if identifiers.contains_key(USER_EXT_ID) {
        let mut of_user = identifiers.clone();
        of_user.retain(|name, _| [CLIENT_EXT_ID, USER_EXT_ID].contains(&name.as_str()));
        row.insert("userId".to_owned(), number_of("users", &of_user).into());
    }
    if kind.schema.fields().any(|field| field.name == TARGET_ID) {
        row.insert(TARGET_ID.to_owned(), number_of("dispatch-targets", identifiers).into());
    }
    row.extend(state.disclosed.clone());
    row.insert("changed".to_owned(), change.differing().cloned().collect::<Vec<_>>().into());
    row.retain(|_, value| !value.is_null());
    Value::Object(row)
}

/// Returns a number for an object of a kind with these identifiers, at most 2^53. The service has no numbers of objects,
/// so it is derived from the identifiers.
fn number_of(kind: &str, identifiers: &Map<String, Value>) -> u64 {
    let hash = sha256(&format!("{kind}\n{}", Value::Object(identifiers.clone())));
    let first = hash.first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(first) >> 11
}

/// Returns a text or a number as a text.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
