//! Load on the functions: callers that wait for their response, and requests at a rate.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::limits::Counts;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::Result;
use crate::harness::fleet::{Call, Called, Fleet};
use crate::moment::{millis, simulated_now};

/// Makes the requests of a load, by their number.
pub(crate) type Calls = Arc<dyn Fn(u64) -> Call + Send + Sync>;

/// What became of the requests of a load.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// Successful responses per second.
    pub(crate) rate: f64,
    /// Responses with 503.
    pub(crate) unavailable: usize,
    /// All responses.
    pub(crate) responses: usize,
    /// The median time of a successful request, in milliseconds.
    pub(crate) median: f64,
    /// The time within which 99 % of the successful requests end, in milliseconds.
    pub(crate) p99: f64,
    /// The share of the transactions that were cancelled for a conflict.
    pub(crate) conflicts: f64,
    /// The share of the calls to the table that were throttled.
    pub(crate) throttled: f64,
}

/// Makes requests one after the other. Returns their load, without any other.
pub(crate) async fn unloaded(
    fleet: &Arc<Fleet>,
    calls: &Calls,
    numbers: &AtomicU64,
    count: u64,
) -> Result<Load> {
    let begin = simulated_now();
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(fleet.call(calls(numbers.fetch_add(1, Ordering::Relaxed))).await?);
    }
    Load::of(&made, begin.elapsed(), Counts::default(), fleet.counts())
}

/// Lets callers make one request after the other, and measures from the end of `warm_up` on for `window`.
pub(crate) async fn closed(
    fleet: &Arc<Fleet>,
    calls: &Calls,
    numbers: &Arc<AtomicU64>,
    callers: usize,
    (warm_up, window): (Duration, Duration),
) -> Result<Load> {
    let start = simulated_now() + warm_up;
    let end = start + window;
    let mut calling = JoinSet::new();
    for _ in 0..callers {
        let (fleet, calls, numbers) = (Arc::clone(fleet), Arc::clone(calls), Arc::clone(numbers));
        calling.spawn(async move {
            let mut made = Vec::new();
            while simulated_now() < end {
                made.push(fleet.call(calls(numbers.fetch_add(1, Ordering::Relaxed))).await?);
            }
            Ok::<_, crate::Error>(made)
        });
    }
    sleep_until(start).await;
    let before = fleet.counts();
    sleep_until(end).await;
    let after = fleet.counts();
    let mut made = Vec::new();
    while let Some(caller) = calling.join_next().await {
        made.extend(caller??);
    }
    made.retain(|called: &Called| (start..end).contains(&called.end));
    Load::of(&made, window, before, after)
}

/// Makes requests at a rate with random intervals, whether or not earlier ones have ended, until `end`.
pub(crate) async fn open(
    fleet: &Arc<Fleet>,
    calls: &Calls,
    numbers: &AtomicU64,
    rate: f64,
    end: impl Future<Output = ()>,
) -> Result<Load> {
    let mut end = pin!(end);
    let (before, begin) = (fleet.counts(), simulated_now());
    let (mut next, mut calling) = (begin, JoinSet::new());
    loop {
        // Exponential intervals, as those of many independent callers.
        next += Duration::from_secs_f64(-(1.0 - fastrand::f64()).ln() / rate);
        tokio::select! {
            () = sleep_until(next) => {}
            () = &mut end => break,
        }
        let (fleet, call) = (Arc::clone(fleet), calls(numbers.fetch_add(1, Ordering::Relaxed)));
        calling.spawn(async move { fleet.call(call).await });
    }
    let (window, mut made) = (begin.elapsed(), Vec::new());
    while let Some(called) = calling.join_next().await {
        made.push(called??);
    }
    Load::of(&made, window, before, fleet.counts())
}

impl Load {
    fn of(made: &[Called], window: Duration, before: Counts, after: Counts) -> Result<Self> {
        let is_expected = |called: &&Called| called.is_success() || called.status == 503;
        if let Some(other) = made.iter().find(|called| !is_expected(called)) {
            return Err(format!("a request of the load was answered with {}", other.status).into());
        }
        let successes = made.iter().filter(|called| called.is_success());
        let mut times: Vec<f64> = successes.map(|called| millis(called.time())).collect();
        times.sort_by(f64::total_cmp);
        let transactions = after.transactions - before.transactions;
        let throttled = |counts: Counts| counts.throttled_transactions + counts.throttled_reads;
        let calls = transactions + after.reads - before.reads;
        Ok(Self {
            rate: float(times.len() as u64) / window.as_secs_f64(),
            unavailable: made.iter().filter(|called| called.status == 503).count(),
            responses: made.len(),
            median: percentile(&times, 50),
            p99: percentile(&times, 99),
            conflicts: share(after.conflicts - before.conflicts, transactions),
            throttled: share(throttled(after) - throttled(before), calls),
        })
    }
}

/// Returns the smallest of the sorted values that is not exceeded by this percentage of them.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { float(part) / float(all) }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
