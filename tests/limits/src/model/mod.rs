//! The decisions: which parts of a call the table serves at a moment.
//!
//! Time is passed in as a value, since any beginning.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::bucket::{Bucket, Capacity};
use crate::holds::Holds;
use crate::item_key::{ItemKey, folded};
use crate::limits::{Limits, Partition};

/// The bytes of a write unit.
const WRITE_BYTES: usize = 1 << 10;
/// The bytes of a read unit.
const READ_BYTES: usize = 4 << 10;
/// The units of a transactional write, relative to another one.
const TRANSACTIONAL: f64 = 2.0;

/// The number of calls, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions.
    pub transactions: u64,
    /// Transactions that were cancelled because of a conflict.
    pub conflicts: u64,
    /// Transactions that were cancelled because of throttling.
    pub throttled_transactions: u64,
    /// Batches and queries.
    pub reads: u64,
    /// Batches and queries that were throttled, at least in part.
    pub throttled_reads: u64,
}

/// An action of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) key: ItemKey,
    /// Whether it changes the item or only checks it.
    pub(crate) is_change: bool,
    /// The size of the item in bytes.
    pub(crate) size: usize,
}

/// What a partition answers to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Throttled,
    Conflict,
}

/// The state of all partitions.
#[derive(Debug)]
pub(crate) struct Model {
    limits: Limits,
    writes: HashMap<ItemKey, Bucket>,
    reads: HashMap<ItemKey, Bucket>,
    holds: Holds,
    counts: Counts,
}

impl Model {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            writes: HashMap::new(),
            reads: HashMap::new(),
            holds: Holds::default(),
            counts: Counts::default(),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Decides on the actions of a transaction and charges those that are not throttled.
    ///
    /// Copies that are folded into one are one item: they are decided on and charged once.
    pub(crate) fn prepare(&mut self, now: Duration, actions: &[Action]) -> Vec<Verdict> {
        self.holds.release(now);
        let mut decided = HashMap::new();
        let mut verdicts = Vec::with_capacity(actions.len());
        for action in actions {
            let key = action.key.folded(self.limits.copies);
            let verdict = decided.get(&key).copied().unwrap_or_else(|| self.decide(now, &key, action));
            decided.insert(key, verdict);
            verdicts.push(verdict);
        }
        self.counts.transactions += 1;
        self.counts.conflicts += u64::from(verdicts.contains(&Verdict::Conflict));
        self.counts.throttled_transactions += u64::from(verdicts.contains(&Verdict::Throttled));
        verdicts
    }

    fn decide(&mut self, now: Duration, key: &ItemKey, action: &Action) -> Verdict {
        let capacity = Capacity { rate: self.limits.write_units, burst: self.limits.burst };
        let partition = partition(key, self.limits.partition);
        let bucket = self.writes.entry(partition).or_insert_with(|| Bucket::full(capacity, now));
        if !bucket.take(capacity, write_units(action.size), now) {
            Verdict::Throttled
        } else if self.holds.conflict(key, action.is_change, self.limits.conflicts) {
            Verdict::Conflict
        } else {
            Verdict::Accepted
        }
    }

    /// Holds the items of these actions, each folded copy once.
    pub(crate) fn hold<'a>(&mut self, now: Duration, actions: impl IntoIterator<Item = &'a Action>) {
        let mut held = HashSet::new();
        for action in actions {
            let key = action.key.folded(self.limits.copies);
            if held.insert(key.clone()) {
                self.holds.hold(key, action.is_change, now + self.limits.hold);
            }
        }
    }

    /// Charges the read of an item, or returns false if it is throttled.
    pub(crate) fn read_item(&mut self, now: Duration, key: &ItemKey, units: f64) -> bool {
        let key = key.folded(self.limits.copies);
        self.take_read(now, partition(&key, self.limits.partition), units)
    }

    /// Charges a query, or returns false if it is throttled.
    pub(crate) fn read_list(&mut self, now: Duration, pk: &str, units: f64) -> bool {
        let pk = folded(pk, self.limits.copies);
        self.take_read(now, ItemKey { pk, sk: String::new() }, units)
    }

    fn take_read(&mut self, now: Duration, partition: ItemKey, units: f64) -> bool {
        let capacity = Capacity { rate: self.limits.read_units, burst: self.limits.burst };
        let bucket = self.reads.entry(partition).or_insert_with(|| Bucket::full(capacity, now));
        bucket.take(capacity, units, now)
    }

    /// Counts a batch or a query.
    pub(crate) fn count_read(&mut self, is_throttled: bool) {
        self.counts.reads += 1;
        self.counts.throttled_reads += u64::from(is_throttled);
    }
}

/// Returns what identifies the partition of an item.
fn partition(key: &ItemKey, partition: Partition) -> ItemKey {
    let sk = match partition {
        Partition::Key => String::new(),
        Partition::Item => key.sk.clone(),
    };
    ItemKey { pk: key.pk.clone(), sk }
}

/// Returns the write units of an action at an item of this size. A missing item counts like a small one.
fn write_units(size: usize) -> f64 {
    TRANSACTIONAL * started(size, WRITE_BYTES)
}

/// Returns the read units of an item of this size. A missing item counts like a small one, and a read that
/// may be outdated costs half.
pub(crate) fn read_units(size: usize, is_consistent: bool) -> f64 {
    started(size, READ_BYTES) * if is_consistent { 1.0 } else { 0.5 }
}

/// Returns the number of units that are started, at least one.
fn started(size: usize, unit: usize) -> f64 {
    // An item has at most 400 KB.
    u32::try_from(size.div_ceil(unit).max(1)).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests;
