//! The parameters of the model.

use std::num::NonZeroU32;
use std::time::Duration;

/// The write units a second of a partition.
const WRITE_UNITS: f64 = 1_000.0;
/// The read units a second of a partition.
const READ_UNITS: f64 = 3_000.0;
/// The time for which a partition keeps its unused capacity.
const BURST: Duration = Duration::from_mins(5);
/// How long a transaction takes. An assumption: no number is published.
const HOLD: Duration = Duration::from_millis(5);
/// How long a read takes. An assumption, too.
const READ: Duration = Duration::from_millis(3);
/// The units a second of a table without limits.
const UNLIMITED: f64 = 1e12;

/// The limits of a table, and how long its calls take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The write units a second of a partition.
    pub write_units: f64,
    /// The read units a second of a partition.
    pub read_units: f64,
    /// The time for which a partition keeps its unused capacity. At the beginning, it has kept all of it.
    pub burst: Duration,
    /// Which items share the capacity of a partition.
    pub partition: Partition,
    /// Which transactions conflict.
    pub conflicts: Conflicts,
    /// How long a transaction holds its items. The response is sent at the end of this time.
    pub hold: Duration,
    /// How long a read takes.
    pub read: Duration,
    /// The number of copies that copied items have. More copies are mapped to these for capacity and
    /// conflicts, but not in the engine. `None` leaves the copies as they are.
    pub copies: Option<NonZeroU32>,
}

/// Which items share the capacity of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// All items with the same partition key, as long as the partition has not been split.
    Key,
    /// None: splits have given each item a partition of its own. A query is charged to its partition key.
    Item,
}

/// Which transactions at one item conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflicts {
    /// Any two.
    Any,
    /// Two of which at least one changes the item.
    Changes,
    /// None, as if each transaction was applied in an instant.
    None,
}

impl Limits {
    /// Returns the published limits, and the reading of the documentation with more conflicts.
    #[must_use]
    pub fn published() -> Self {
        Self {
            write_units: WRITE_UNITS,
            read_units: READ_UNITS,
            burst: BURST,
            partition: Partition::Key,
            conflicts: Conflicts::Any,
            hold: HOLD,
            read: READ,
            copies: None,
        }
    }

    /// Returns a table that takes its time for each call, but has no limits.
    #[must_use]
    pub fn none() -> Self {
        Self {
            write_units: UNLIMITED,
            read_units: UNLIMITED,
            conflicts: Conflicts::None,
            ..Self::published()
        }
    }

    /// Returns a table for which time passes slower by this factor: it serves so many units less, and its
    /// calls take so much longer.
    ///
    /// Callers that send as many calls in so much more time get the same responses, with less processor time
    /// a second. The waits of the callers do not scale, such as the back-off before a retry.
    #[must_use]
    pub fn slowed(self, factor: u32) -> Self {
        Self {
            write_units: self.write_units / f64::from(factor),
            read_units: self.read_units / f64::from(factor),
            burst: self.burst * factor,
            hold: self.hold * factor,
            read: self.read * factor,
            ..self
        }
    }
}
