//! Keys of items and of their copies.

use std::num::NonZeroU32;

use shared::table::key::{partition_of_copy, split_copy};

/// The partition key and the sort key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ItemKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl ItemKey {
    /// Returns the key of the copy that stands for this one if there are only `copies`.
    pub(crate) fn folded(&self, copies: Option<NonZeroU32>) -> Self {
        Self { pk: folded(&self.pk, copies), sk: self.sk.clone() }
    }
}

/// Returns the partition key of the copy that stands for that of `pk` if there are only `copies`.
pub(crate) fn folded(pk: &str, copies: Option<NonZeroU32>) -> String {
    let Some(copies) = copies else { return pk.to_owned() };
    let (original, copy) = split_copy(pk);
    partition_of_copy(original, copy % u64::from(copies.get()))
}
