//! Records of the table's stream: the changes of its items, as DynamoDB Streams delivers them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Item;

/// A record of the stream: the change of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRecord {
    /// Its identifier, which is the same each time the record is delivered.
    pub id: String,
    /// Its position: of two records of the same item, the later one has the larger number.
    pub sequence: String,
    /// When the change was recorded, in seconds since 1970; 0 if that is unknown.
    pub second: u64,
    /// The change.
    pub change: ItemChange,
}

/// The change of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemChange {
    /// The item is new.
    Created(Item),
    /// The item before and after the change.
    Changed(Item, Item),
    /// The item was deleted.
    Deleted(Item),
}

/// A record that cannot be read. Its position is known if it is part of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The position of the record.
    pub sequence: Option<String>,
}

/// The members of an event with records.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// Reads the records of an event, in its order.
///
/// # Errors
/// The error of the parser if the event has no list of records.
pub fn records_of(event: &[u8]) -> Result<Vec<Result<StreamRecord, Unreadable>>, serde_json::Error> {
    let Event { records } = serde_json::from_slice(event)?;
    Ok(records.iter().map(StreamRecord::read).collect())
}

impl StreamRecord {
    /// Reads a record of an event.
    fn read(record: &Value) -> Result<Self, Unreadable> {
        let images = &record["dynamodb"];
        let sequence = images["SequenceNumber"].as_str().map(str::to_owned);
        let unreadable = || Unreadable { sequence: sequence.clone() };
        let image = |name: &str| match &images[name] {
            Value::Null => Ok(None),
            Value::Object(attributes) => item_of(attributes).map(Some).ok_or_else(unreadable),
            _ => Err(unreadable()),
        };
        let change = match (image("OldImage")?, image("NewImage")?) {
            (None, None) => return Err(unreadable()),
            (None, Some(new)) => ItemChange::Created(new),
            (Some(old), Some(new)) => ItemChange::Changed(old, new),
            (Some(old), None) => ItemChange::Deleted(old),
        };
        let id = record["eventID"].as_str().ok_or_else(unreadable)?.to_owned();
        let sequence = sequence.clone().ok_or_else(unreadable)?;
        // It may be written as a whole number or with an exponent.
        let second = images["ApproximateCreationDateTime"].as_f64();
        let second = second.and_then(|second| format!("{second:.0}").parse().ok()).unwrap_or_default();
        Ok(Self { id, sequence, second, change })
    }
}

fn item_of(attributes: &Map<String, Value>) -> Option<Item> {
    map_of(attributes).map(Item::from_attributes)
}

fn map_of(attributes: &Map<String, Value>) -> Option<HashMap<String, AttributeValue>> {
    attributes.iter().map(|(name, value)| Some((name.clone(), attribute_of(value)?))).collect()
}

/// Returns an attribute of DynamoDB's JSON; `None` if it is not one of a type that the service stores.
fn attribute_of(value: &Value) -> Option<AttributeValue> {
    let [(kind, value)]: [(&String, &Value); 1] =
        value.as_object()?.iter().collect::<Vec<_>>().try_into().ok()?;
    match kind.as_str() {
        "S" => Some(AttributeValue::S(value.as_str()?.to_owned())),
        "N" => Some(AttributeValue::N(value.as_str()?.to_owned())),
        "BOOL" => value.as_bool().map(AttributeValue::Bool),
        "M" => map_of(value.as_object()?).map(AttributeValue::M),
        "SS" => {
            let texts = value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map(AttributeValue::Ss)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::table::Key;

    fn event(records: &[Value]) -> Vec<u8> {
        json!({"Records": records}).to_string().into_bytes()
    }

    fn record(change: &Value) -> Value {
        json!({"eventID": "e-1", "eventName": "MODIFY", "dynamodb": change})
    }

    #[test]
    fn images_have_all_types_of_attributes() {
        let image = json!({"PK": {"S": "A"}, "SK": {"S": "B"}, "number": {"N": "7"}, "flag": {"BOOL": true},
            "texts": {"M": {"EN": {"S": "x"}}}, "set": {"SS": ["a", "b"]}});
        let change = json!({"SequenceNumber": "12", "NewImage": image, "ApproximateCreationDateTime": 1.5e9});
        let event = event(&[record(&change)]);
        let records = records_of(&event).expect("records");
        let [Ok(record)] = &records[..] else { panic!("one record: {records:?}") };
        assert_eq!((record.id.as_str(), record.sequence.as_str()), ("e-1", "12"));
        assert_eq!(record.second, 1_500_000_000);
        let ItemChange::Created(item) = &record.change else { panic!("a new item: {record:?}") };
        assert_eq!(item.key(), Ok(Key::new(&["A"], &["B"])));
        assert_eq!((item.number("number"), item.flag("flag")), (Ok(7), Ok(true)));
        assert_eq!(item.texts("texts").map(|texts| texts["EN"].clone()), Ok("x".to_owned()));
        assert_eq!(item.set("set").map(|set| set.len()), Ok(2));
    }

    #[test]
    fn unreadable_records_do_not_hide_others() {
        let good = record(&json!({"SequenceNumber": "2", "OldImage": {"PK": {"S": "A"}}}));
        let broken = [
            (record(&json!({"SequenceNumber": "1"})), Some("1")),
            (record(&json!({"SequenceNumber": "1", "NewImage": {"PK": {"B": "x"}}})), Some("1")),
            (record(&json!({"SequenceNumber": "1", "NewImage": {"PK": "x"}})), Some("1")),
            (record(&json!({"SequenceNumber": "1", "NewImage": 1})), Some("1")),
            (record(&json!({"NewImage": {"PK": {"S": "A"}}})), None),
            (json!({"dynamodb": {"SequenceNumber": "1", "NewImage": {"PK": {"S": "A"}}}}), Some("1")),
            (json!(1), None),
        ];
        for (broken, sequence) in broken {
            let records = records_of(&event(&[broken.clone(), good.clone()])).expect("records");
            let unreadable = Unreadable { sequence: sequence.map(str::to_owned) };
            assert_eq!(records[0], Err(unreadable), "{broken}");
            assert!(records[1].is_ok(), "{broken}");
        }
        for broken in ["", "{}", "[]", r#"{"Records": 1}"#] {
            assert!(records_of(broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
