//! Usage metering of a request's table calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// The usage of the table by one request.
///
/// The capacity is as reported by the table. The table reports none for failed calls, including
/// cancelled transactions, although it charges for them. Retries that the SDK makes within a call are
/// not counted as calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// The number of sequential round trips. Concurrent calls count as one trip.
    pub trips: u32,
    /// The number of calls.
    pub calls: u32,
    /// The consumed read capacity units.
    pub read_units: f64,
    /// The consumed write capacity units.
    pub write_units: f64,
}

/// Meters the calls of a request. Clones share the same counts.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    usage: Usage,
    under_way: u32,
}

/// A call in progress, which ends when the value is dropped.
pub(super) struct InProgress<'a>(&'a Meter);

impl Meter {
    /// Returns the usage so far.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.counts().usage
    }

    /// Counts a call, and a trip unless another call is in progress.
    pub(super) fn call(&self) -> InProgress<'_> {
        let mut counts = self.counts();
        counts.usage.calls += 1;
        counts.usage.trips += u32::from(counts.under_way == 0);
        counts.under_way += 1;
        InProgress(self)
    }

    /// Adds the capacity that a read consumed.
    pub(super) fn add_read<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units: f64 = consumed.into_iter().filter_map(|consumed| consumed.capacity_units).sum();
        self.counts().usage.read_units += units;
    }

    /// Adds the capacity that a transaction consumed.
    ///
    /// If an earlier attempt applied it and its response was lost, it is charged as a read.
    pub(super) fn add_write(&self, consumed: &[ConsumedCapacity]) {
        let mut counts = self.counts();
        for consumed in consumed {
            let read = consumed.read_capacity_units.unwrap_or_default();
            let rest = || consumed.capacity_units.unwrap_or_default() - read;
            counts.usage.read_units += read;
            counts.usage.write_units += consumed.write_capacity_units.unwrap_or_else(rest);
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.counts().under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumed(total: f64, read: Option<f64>, write: Option<f64>) -> ConsumedCapacity {
        let builder = ConsumedCapacity::builder().capacity_units(total);
        builder.set_read_capacity_units(read).set_write_capacity_units(write).build()
    }

    #[test]
    fn concurrent_calls_are_one_trip() {
        let meter = Meter::default();
        let counted = || (meter.usage().trips, meter.usage().calls);
        let clone = meter.clone();
        let under_way = [meter.call(), clone.call()];
        assert_eq!(counted(), (1, 2));
        drop(under_way);
        assert_eq!(counted(), (1, 2));
        drop(clone.call());
        assert_eq!(counted(), (2, 3));
    }

    #[test]
    fn transactions_count_as_writes_unless_charged_as_reads() {
        for (consumed, read, write) in [
            (consumed(4.0, None, Some(4.0)), 0.0, 4.0),
            (consumed(4.0, None, None), 0.0, 4.0),
            (consumed(4.0, Some(4.0), None), 4.0, 0.0),
            (consumed(6.0, Some(2.0), Some(4.0)), 2.0, 4.0),
        ] {
            let meter = Meter::default();
            meter.add_write(&[consumed.clone(), consumed]);
            assert_eq!(
                meter.usage(),
                Usage { read_units: 2.0 * read, write_units: 2.0 * write, ..Usage::default() }
            );
        }
    }

    #[test]
    fn a_read_may_cost_half_a_unit() {
        let meter = Meter::default();
        meter.add_read(&[consumed(0.5, None, None), consumed(1.0, Some(1.0), None)]);
        assert_eq!(meter.usage(), Usage { read_units: 1.5, ..Usage::default() });
    }
}
