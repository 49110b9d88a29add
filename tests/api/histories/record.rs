//! Histories of calls with their results, and the check for a sequential order.

use std::fmt::Debug;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use porcupine_rs::{Model, Operation};
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::support::World;

/// Number of concurrent callers.
const CALLERS: u32 = 8;
/// A shared object: its requests and, as a [`Model`], the correct results in each of its states.
pub(super) trait Object: Model<Metadata = ()> {
    /// The requests.
    type Input: Clone + Debug + 'static;

    /// Number of sequential calls of each caller.
    const CALLS: usize = 50;

    /// Creates the object of a history.
    async fn prepare(world: &World, number: u32);

    /// Returns a strategy for requests.
    fn inputs() -> BoxedStrategy<Self::Input>;

    /// Sends a request and returns it with its result.
    async fn call(world: &World, number: u32, input: Self::Input) -> Self::Op;
}

/// Records a history. Its number is also the seed of the requests.
pub(super) async fn record<O: Object>(world: &World, number: u32) -> Vec<Operation<O>> {
    O::prepare(world, number).await;
    let config =
        Config { rng_seed: RngSeed::Fixed(number.into()), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let inputs = proptest::collection::vec(O::inputs(), O::CALLS);
    // Only the order of calls and returns matters, so a counter replaces the clock.
    let order = AtomicI64::new(0);
    let calls = (0..CALLERS).map(|caller| {
        let inputs = inputs.new_tree(&mut runner).expect("requests").current();
        let order = &order;
        async move {
            let mut operations = Vec::with_capacity(O::CALLS);
            for input in inputs {
                let call_time = order.fetch_add(1, Ordering::SeqCst);
                let op = O::call(world, number, input).await;
                let return_time = order.fetch_add(1, Ordering::SeqCst);
                let client_id = Some(caller);
                operations.push(Operation { client_id, call_time, return_time, op, metadata: None });
            }
            operations
        }
    });
    join_all(calls.collect::<Vec<_>>()).await.concat()
}

/// Returns true if the history is linearizable: there is a sequential order with the same results
/// in which no call precedes another that returned before it began.
pub(super) fn is_linearizable<O: Object>(history: &[Operation<O>]) -> bool {
    porcupine_rs::check_operations(history)
}

/// Asserts that the history is linearizable. Panics with the path of a visualisation otherwise.
pub(super) fn assert_linearizable<O: Object>(history: &[Operation<O>], object: &str, number: u32) {
    if is_linearizable(history) {
        return;
    }
    let (_, info) = porcupine_rs::check_operations_info(history);
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{object}-{number}.html"));
    porcupine_rs::visualize_path::<O>(&info, &picture).expect("a picture");
    let mut history = history.to_vec();
    history.sort_unstable_by_key(|operation| operation.call_time);
    let lines = history.iter().map(|operation| {
        let Operation { client_id, call_time, return_time, op, .. } = operation;
        format!("{call_time:>4} to {return_time:>4}, caller {}: {op:?}\n", client_id.unwrap_or_default())
    });
    panic!(
        "the history of {object} with seed {number} is not linearizable, visualised in {}:\n{}",
        picture.display(),
        lines.collect::<String>()
    );
}
