//! Histories: what callers asked for and were answered, and in which order that can have happened.

use std::fmt::Debug;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use porcupine_rs::{Model, Operation};
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::support::World;

/// How many call at the same time.
const CALLERS: u32 = 8;
/// How many calls each of them makes, one after the other.
const CALLS: usize = 50;

/// An object that callers share: what it can be asked for, and, as a [`Model`], what is right to
/// answer in which of its states.
pub(super) trait Object: Model<Metadata = ()> {
    /// What a caller asks for.
    type Input: Clone + Debug + 'static;

    /// Makes an object of its own for the history of this number.
    async fn prepare(world: &World, number: u32);

    /// Any request.
    fn inputs() -> BoxedStrategy<Self::Input>;

    /// Makes a request; returns it with its answer.
    async fn call(world: &World, number: u32, input: Self::Input) -> Self::Op;
}

/// Records the history of this number, which is also the seed of what is asked for.
pub(super) async fn record<O: Object>(world: &World, number: u32) -> Vec<Operation<O>> {
    O::prepare(world, number).await;
    let config =
        Config { rng_seed: RngSeed::Fixed(number.into()), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let inputs = proptest::collection::vec(O::inputs(), CALLS);
    // No clock: what counts is only which answer came before which call.
    let order = AtomicI64::new(0);
    let calls = (0..CALLERS).map(|caller| {
        let inputs = inputs.new_tree(&mut runner).expect("requests").current();
        let order = &order;
        async move {
            let mut operations = Vec::with_capacity(CALLS);
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

/// Whether there is an order of the calls in which each answer is right, and in which no call comes
/// before one that was answered before it began.
pub(super) fn is_linearizable<O: Object>(history: &[Operation<O>]) -> bool {
    porcupine_rs::check_operations(history)
}

/// Demands that there is such an order; if not, tells where a picture of the history is.
pub(super) fn demand_linearizable<O: Object>(history: &[Operation<O>], object: &str, number: u32) {
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
        "no order explains the history of {object} with seed {number}, drawn in {}:\n{}",
        picture.display(),
        lines.collect::<String>()
    );
}
