//! Keys of items and of their copies.

use std::num::NonZeroU32;

/// What separates the partition key of an item from the number of its copy. Copy 0 has the key itself.
const COPY: &str = "#COPY#";

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
    let copy = copies.and_then(|copies| {
        let (original, copy) = pk.rsplit_once(COPY)?;
        Some((original, copy.parse::<u32>().ok()? % copies))
    });
    match copy {
        None => pk.to_owned(),
        Some((original, 0)) => original.to_owned(),
        Some((original, copy)) => format!("{original}{COPY}{copy}"),
    }
}
