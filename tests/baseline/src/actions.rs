//! Transaction actions of a baseline.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};

use crate::calls::{Key, attributes, text};

const EXISTS: &str = "attribute_exists(#PK) AND attribute_not_exists(#deletion)";
/// The same for a copy, which no change may hold.
const FREE: &str = "(attribute_exists(#PK) AND attribute_not_exists(#deletion)) AND \
                    (attribute_not_exists(#heldUntil) OR #heldUntil < :v0)";
/// The time with which a hold is compared, in milliseconds since 1970.
const NOW: &str = "1767225600000";
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
    /// Requires that a copy of an item exists and that no change holds it.
    CheckCopy(Key),
    /// Updates one string attribute and the stamp of an existing item.
    Update(Key, (&'static str, &'static str)),
    /// Deletes an existing item.
    Delete(Key),
    /// Does the same to this many copies of the item.
    Copies(u64, &'static Action),
}

impl Action {
    /// Returns the SDK representation of the action, or of the same action on each copy.
    pub(crate) fn build(&self, table: &str, id: &str) -> Result<Vec<TransactWriteItem>, BuildError> {
        match *self {
            Self::Copies(copies, action) => {
                (0..copies).map(|copy| action.build_at(copy, table, id)).collect()
            }
            _ => Ok(vec![self.build_at(0, table, id)?]),
        }
    }

    fn build_at(&self, copy: u64, table: &str, id: &str) -> Result<TransactWriteItem, BuildError> {
        let attributes = |key| attributes(key, copy, id);
        let item = TransactWriteItem::builder();
        Ok(match *self {
            Self::Put(key, texts) => {
                let mut attributes = attributes(key);
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
                let check = ConditionCheck::builder().table_name(table).set_key(Some(attributes(key)));
                let check = check.condition_expression(EXISTS).expression_attribute_names("#PK", "PK");
                let check = check.expression_attribute_names("#deletion", DELETION);
                item.condition_check(check.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::CheckCopy(key) => {
                let check = ConditionCheck::builder().table_name(table).set_key(Some(attributes(key)));
                let check = check.condition_expression(FREE).expression_attribute_names("#PK", "PK");
                let check = check.expression_attribute_names("#deletion", DELETION);
                let check = check.expression_attribute_names("#heldUntil", "heldUntil");
                let check = check.expression_attribute_values(":v0", AttributeValue::N(NOW.to_owned()));
                item.condition_check(check.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::Update(key, (name, value)) => {
                let set = "SET #lastModified = :v0, #modifiedBy = :v1, #requestId = :v2, #text = :v3, \
                           #version = #version + :v4";
                let mut update = Update::builder().table_name(table).set_key(Some(attributes(key)));
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
                let delete = Delete::builder().table_name(table).set_key(Some(attributes(key)));
                let delete = delete.condition_expression(EXISTS).expression_attribute_names("#PK", "PK");
                let delete = delete.expression_attribute_names("#deletion", DELETION);
                item.delete(delete.return_values_on_condition_check_failure(OLD).build()?)
            }
            Self::Copies(_, action) => return action.build_at(copy, table, id),
        }
        .build())
    }
}
