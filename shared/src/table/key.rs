//! Keys of items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The name of the partition key attribute.
pub const PK: &str = "PK";
/// The name of the sort key attribute.
pub const SK: &str = "SK";

/// The word between the partition key of an item and the number of a copy. As a part of a key, it occurs nowhere else.
const COPY: &str = "COPY";

/// The key of an item: partition key and sort key, each composed of parts separated by `#`.
///
/// Parts are fixed words, hashes or [`crate::ids::ExtId::key_part`]s, none of which can introduce a
/// separator.
///
/// An item that many requests read or check lies in several equal copies. They have one key here: reads
/// and checks use a random copy, and changes write all of them. The first copy, which has the number 0, is
/// at the key itself, and copy *i* at `{PK}#COPY#{i}` with the same sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pk: String,
    sk: String,
    copies: u64,
}

impl Key {
    /// Creates the key of a single item of these parts.
    #[must_use]
    pub fn new(pk: &[&str], sk: &[&str]) -> Self {
        Self::copied(1, pk, sk)
    }

    /// Creates the key of an item that lies in `copies` copies.
    #[must_use]
    pub fn copied(copies: u64, pk: &[&str], sk: &[&str]) -> Self {
        Self { pk: pk.join("#"), sk: sk.join("#"), copies }
    }

    /// Returns the key of the item of which one copy has this partition key.
    pub(super) fn of_copy(copies: u64, pk: &str, sk: &str) -> Self {
        Self::copied(copies, &[split_copy(pk).0], &[sk])
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

    /// Returns the number of copies of the item.
    #[must_use]
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// Returns the key of each copy, as that of a single item.
    pub fn all_copies(&self) -> impl Iterator<Item = Self> {
        (0..self.copies).map(|copy| Self::new(&[&partition_of_copy(&self.pk, copy)], &[&self.sk]))
    }

    /// Returns the attributes of the key of a copy.
    pub(super) fn attributes(&self, copy: u64) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(partition_of_copy(&self.pk, copy))),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// Returns the partition key of a copy of the items of a partition.
#[must_use]
pub fn partition_of_copy(pk: &str, copy: u64) -> String {
    if copy == 0 { pk.to_owned() } else { format!("{pk}#{COPY}#{copy}") }
}

/// Returns the partition key of an item that lies in copies and the number of the copy that has this partition key.
#[must_use]
pub fn split_copy(pk: &str) -> (&str, u64) {
    let copy = || {
        let (rest, number) = pk.rsplit_once('#')?;
        let original = rest.strip_suffix(COPY)?.strip_suffix('#')?;
        Some((original, number.parse().ok()?))
    };
    copy().unwrap_or((pk, 0))
}

#[cfg(test)]
mod tests;
