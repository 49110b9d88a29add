//! Keys of items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The name of the partition key attribute.
pub const PK: &str = "PK";
/// The name of the sort key attribute.
pub const SK: &str = "SK";

/// The key of an item: partition key and sort key, each composed of parts separated by `#`.
///
/// Parts are fixed words, hashes or [`crate::ids::ExtId::key_part`]s, none of which can introduce a
/// separator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pk: String,
    sk: String,
}

impl Key {
    /// Creates a key of these parts.
    #[must_use]
    pub fn new(pk: &[&str], sk: &[&str]) -> Self {
        Self { pk: pk.join("#"), sk: sk.join("#") }
    }

    /// Returns the partition key.
    #[must_use]
    pub fn pk(&self) -> &str {
        &self.pk
    }

    /// Returns the sort key.
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
