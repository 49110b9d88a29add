//! Clock and medians of the benchmark.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use shared::clock::{Clock, Timestamp};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::Result;

/// Returns the current instant of the monotonic clock.
#[expect(clippy::disallowed_methods, reason = "the benchmark measures time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs a simulation in a thread of its own. Its clock advances, in steps of 1 ms, whenever all of its tasks wait.
///
/// The clock is paused from the start. If it was paused later, between two steps, each wait would take a step
/// more.
pub(crate) async fn simulate<T: Send + 'static, Simulation: Future<Output = Result<T>>>(
    simulation: impl FnOnce() -> Simulation + Send + 'static,
) -> Result<T> {
    let (send, result) = oneshot::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
        let result = runtime.map_err(crate::Error::from).and_then(|runtime| runtime.block_on(simulation()));
        // Nobody receives the result after a stop signal.
        let _ = send.send(result);
    });
    result.await?
}

/// Returns the current instant of the runtime's clock, which a simulation pauses.
#[expect(clippy::disallowed_methods, reason = "the benchmark measures time")]
pub(crate) fn simulated_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// Returns a clock that begins now and advances with the runtime's clock, which a simulation pauses.
pub(crate) fn simulated_clock() -> Clock {
    let (begin, start) = (Clock::system().now().unix_millis(), simulated_now());
    Clock::from_fn(move || {
        let millis = i128::try_from((simulated_now() - start).as_millis()).unwrap_or_default();
        let now = i64::try_from(begin + millis).ok().and_then(Timestamp::from_unix_millis);
        now.unwrap_or(Timestamp::UNIX_EPOCH)
    })
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
