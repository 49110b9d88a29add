//! Transaction actions of a baseline.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};

use crate::calls::{Key, attributes, text};

const EXISTS: &str = "attribute_exists(#PK) AND attribute_not_exists(#deletion)";
/// The attribute of an item that is being deleted, which no item of the baselines has.
const DELETION: &str = "deletion";
const ABSENT: &str = "attribute_not_exists(#PK)";
const OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;
/// Timestamp in the format of stored items.
const TIMESTAMP: &str = "2026-01-01T00:00:00Z";

/// A transaction action on the item at a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Puts a new item with the common attributes and these string attributes.
    Put(Key, &'static [(&'static str, &'static str)]),
    /// Requires that the item exists.
    Check(Key),
    /// Updates one string attribute and the stamp of an existing item.
    Update(Key, (&'static str, &'static str)),
    /// Deletes an existing item.
    Delete(Key),
}

impl Action {
    /// Returns the SDK representation of the action.
    pub(crate) fn build(&self, table: &str, id: &str) -> Result<TransactWriteItem, BuildError> {
        let item = TransactWriteItem::builder();
        Ok(match *self {
            Self::Put(key, texts) => {
                let mut attributes = attributes(key, id);
                let stamp = [
                    ("created", TIMESTAMP),
                    ("createdBy", "100/admin"),
                    ("entityType", "PersonalQuestion"),
                    ("lastModified", TIMESTAMP),
                    ("modifiedBy", "100/admin"),
                    ("requestId", crate::ID),
                ];
                for (name, value) in stamp.iter().chain(texts) {
                    attributes.insert((*name).to_owned(), text(value));
                }
                attributes.insert("version".to_owned(), AttributeValue::N("0".to_owned()));
                let put = Put::builder().table_name(table).set_item(Some(attributes));
                let put = put.condition_expression(ABSENT).expression_attribute_names("#PK", "PK");
                item.put(put.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::Check(key) => {
                let check = ConditionCheck::builder().table_name(table).set_key(Some(attributes(key, id)));
                let check = check.condition_expression(EXISTS).expression_attribute_names("#PK", "PK");
                let check = check.expression_attribute_names("#deletion", DELETION);
                item.condition_check(check.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::Update(key, (name, value)) => {
                let set = "SET #lastModified = :v0, #modifiedBy = :v1, #requestId = :v2, #text = :v3, \
                           #version = #version + :v4";
                let mut update = Update::builder().table_name(table).set_key(Some(attributes(key, id)));
                for name in ["PK", "lastModified", "modifiedBy", "requestId", "version"] {
                    update = update.expression_attribute_names(format!("#{name}"), name);
                }
                let values = [TIMESTAMP, "100/admin", crate::ID, value].map(text).into_iter();
                let values = values.chain([AttributeValue::N("1".to_owned())]);
                for (place, value) in values.enumerate() {
                    update = update.expression_attribute_values(format!(":v{place}"), value);
                }
                let update = update.expression_attribute_names("#text", name).update_expression(set);
                let update =
                    update.condition_expression(EXISTS).expression_attribute_names("#deletion", DELETION);
                item.update(update.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::Delete(key) => {
                let delete = Delete::builder().table_name(table).set_key(Some(attributes(key, id)));
                let delete = delete.condition_expression(EXISTS).expression_attribute_names("#PK", "PK");
                let delete = delete.expression_attribute_names("#deletion", DELETION);
                item.delete(delete.return_values_on_condition_check_failure(OLD).build()?)
            }
        }
        .build())
    }
}
