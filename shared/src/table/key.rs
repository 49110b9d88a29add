//! Keys: where an item stands in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The partition key's attribute.
pub const PK: &str = "PK";
/// The sort key's attribute.
pub const SK: &str = "SK";

/// Where an item stands: partition key and sort key, each made of parts with `#` between them.
///
/// Parts are fixed words, hashes or [`crate::ids::ExtId::key_part`]s, none of which can bring in
/// a separator of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pk: String,
    sk: String,
}

impl Key {
    /// The key of these parts.
    #[must_use]
    pub fn new(pk: &[&str], sk: &[&str]) -> Self {
        Self { pk: pk.join("#"), sk: sk.join("#") }
    }

    /// The partition key.
    #[must_use]
    pub fn pk(&self) -> &str {
        &self.pk
    }

    /// The sort key.
    #[must_use]
    pub fn sk(&self) -> &str {
        &self.sk
    }

    pub(super) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

#[cfg(test)]
mod tests;
