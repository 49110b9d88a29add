//! Token buckets.

use std::time::Duration;

/// The capacity of a bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity {
    /// The units that are added a second.
    pub(crate) rate: f64,
    /// The time after which an empty bucket is full.
    pub(crate) burst: Duration,
}

/// The units that are left at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    left: f64,
    at: Duration,
}

impl Capacity {
    fn most(self) -> f64 {
        self.rate * self.burst.as_secs_f64()
    }
}

impl Bucket {
    /// Creates a full bucket.
    pub(crate) fn full(capacity: Capacity, now: Duration) -> Self {
        Self { left: capacity.most(), at: now }
    }

    /// Takes units, or none and returns false if too few are left.
    ///
    /// More units than fit in the bucket are taken from a full one, which then owes the rest. Otherwise a
    /// large item could never be read.
    pub(crate) fn take(&mut self, capacity: Capacity, units: f64, now: Duration) -> bool {
        let added = capacity.rate * now.saturating_sub(self.at).as_secs_f64();
        self.left = (self.left + added).min(capacity.most());
        self.at = now;
        // Less than a thousandth of a unit is a rounding error of the addition.
        let is_enough = self.left + 1e-3 >= units.min(capacity.most());
        if is_enough {
            self.left -= units;
        }
        is_enough
    }
}
