//! Cold starts: time from the start of the process until its first request for an event, and the first event.

use super::Pair;
use crate::Result;
use crate::harness::function::{Function, Program};
use crate::harness::{Harness, Request, status};
use crate::moment::{median_millis, millis};

/// Medians of an operation, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Cold start of the function and of `baseline-table`.
    pub(crate) ready: Pair,
    /// Cold start of `baseline-empty`.
    pub(crate) empty: f64,
    /// Time from the delivery of the first event until the response.
    pub(crate) first: Pair,
}

impl Start {
    /// Returns the ratio of the cold start of the function to that of `baseline-empty`.
    pub(crate) fn to_empty(&self) -> f64 {
        self.ready.function / self.empty
    }
}

/// Starts the function of an operation and two baselines `rounds` times each, alternately.
pub(crate) async fn measure(harness: &Harness, request: &Request, rounds: u32) -> Result<Start> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let programs = [
        (harness.function(operation), status(operation)),
        (harness.baseline(operation), 204),
        (harness.program("baseline-empty", operation), 204),
    ];
    let mut times: [(Vec<f64>, Vec<f64>); 3] = Default::default();
    for round in 0..rounds {
        for turn in 0..programs.len() {
            // Rotate the order, so that no program is always the first.
            let place = (turn + usize::try_from(round)?) % programs.len();
            let (program, status) = &programs[place];
            let (start, first) = once(harness, request, program, *status).await?;
            times[place].0.push(start);
            times[place].1.push(first);
        }
    }
    let [function, table, empty] = times.map(|(start, first)| (median_millis(start), median_millis(first)));
    Ok(Start {
        operation: operation.id,
        ready: Pair { function: function.0, baseline: table.0 },
        empty: empty.0,
        first: Pair { function: function.1, baseline: table.1 },
    })
}

/// Starts `baseline-defaults` and `baseline-table` alternately and returns the medians of their cold starts.
pub(crate) async fn defaults(harness: &Harness, request: &Request, rounds: u32) -> Result<(f64, f64)> {
    harness.table.play(request.recording.clone());
    let programs =
        ["baseline-defaults", "baseline-table"].map(|name| harness.program(name, request.operation));
    let mut times: [Vec<f64>; 2] = Default::default();
    for _ in 0..rounds {
        for (program, times) in programs.iter().zip(&mut times) {
            times.push(once(harness, request, program, 204).await?.0);
        }
    }
    let [defaults, table] = times.map(median_millis);
    Ok((defaults, table))
}

async fn once(harness: &Harness, request: &Request, program: &Program, status: u16) -> Result<(f64, f64)> {
    let event = harness.events.event(request.operation, 0)?;
    let mut function = Function::start(program).await?;
    let start = function.ready().await?;
    let response = function.invoke_for(event, status).await?;
    function.stop().await?;
    Ok((millis(start), response.millis()))
}
