//! The clock of the benchmark.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// This moment, for measuring.
#[expect(clippy::disallowed_methods, reason = "time is what is measured here")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The time of day so much later, as Lambda tells deadlines: milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a real deadline is what a function looks at")]
pub(crate) fn millis_after(later: Duration) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now + later).as_millis()
}

/// A time in milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The one in the middle; of two in the middle, the later.
pub(crate) fn median<T: Copy + PartialOrd>(values: &mut [T]) -> Option<T> {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

/// The median of times in milliseconds; 0 where there are none.
pub(crate) fn median_millis(mut times: Vec<f64>) -> f64 {
    median(&mut times).unwrap_or_default()
}
