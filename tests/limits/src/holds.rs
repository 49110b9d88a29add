//! The items that transactions in progress hold.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::item_key::ItemKey;
use crate::limits::Conflicts;

/// The items that are held, and until when.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    held: HashMap<ItemKey, Held>,
    /// In the order of their end, because all holds take the same time.
    ends: VecDeque<(Duration, ItemKey, bool)>,
}

/// The number of transactions that hold an item.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    checks: usize,
    changes: usize,
}

impl Held {
    fn count(&mut self, is_change: bool) -> &mut usize {
        if is_change { &mut self.changes } else { &mut self.checks }
    }
}

impl Holds {
    /// Ends the holds that are over.
    pub(crate) fn release(&mut self, now: Duration) {
        while let Some((_, key, is_change)) = self.ends.pop_front_if(|(end, ..)| *end <= now) {
            if let Some(held) = self.held.get_mut(&key) {
                *held.count(is_change) -= 1;
                if *held == Held::default() {
                    self.held.remove(&key);
                }
            }
        }
    }

    /// Returns true if a transaction that changes or only checks an item conflicts with another one.
    pub(crate) fn conflict(&self, key: &ItemKey, is_change: bool, conflicts: Conflicts) -> bool {
        self.held.get(key).is_some_and(|held| match conflicts {
            Conflicts::Any => true,
            Conflicts::Changes => is_change || held.changes > 0,
            Conflicts::None => false,
        })
    }

    /// Holds an item until `end`.
    pub(crate) fn hold(&mut self, key: ItemKey, is_change: bool, end: Duration) {
        *self.held.entry(key.clone()).or_default().count(is_change) += 1;
        self.ends.push_back((end, key, is_change));
    }
}
