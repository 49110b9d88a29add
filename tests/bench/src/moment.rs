//! Clock and medians of the benchmark.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Returns the current instant of the monotonic clock.
#[expect(clippy::disallowed_methods, reason = "the benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the time after this delay in milliseconds since the Unix epoch, the format of Lambda deadlines.
#[expect(clippy::disallowed_methods, reason = "functions compare deadlines with the system clock")]
pub(crate) fn millis_after(later: Duration) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now + later).as_millis()
}

/// Returns a duration in milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Returns the median: the upper one of the two middle values if their number is even.
pub(crate) fn median<T: Copy + PartialOrd>(values: &mut [T]) -> Option<T> {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

/// Returns the median of times in milliseconds, or 0 if there are none.
pub(crate) fn median_millis(mut times: Vec<f64>) -> f64 {
    median(&mut times).unwrap_or_default()
}
