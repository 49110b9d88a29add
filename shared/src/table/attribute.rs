//! Attributes: the values of items.

use std::collections::{BTreeMap, BTreeSet};

pub use aws_sdk_dynamodb::types::AttributeValue;

/// Returns a text as an attribute.
#[must_use]
pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Returns a number as an attribute.
#[must_use]
pub fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Returns a map of texts as an attribute.
#[must_use]
pub fn text_map(texts: &BTreeMap<String, String>) -> AttributeValue {
    AttributeValue::M(texts.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

/// Returns a set of texts as an attribute; `None` for an empty one, which the table cannot store.
#[must_use]
pub fn text_set(texts: &BTreeSet<String>) -> Option<AttributeValue> {
    (!texts.is_empty()).then(|| AttributeValue::Ss(texts.iter().cloned().collect()))
}
