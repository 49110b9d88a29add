//! Cold starts: from the start of the process to its first request for work, and the first event.

use super::Pair;
use crate::Result;
use crate::harness::function::{Function, Program};
use crate::harness::{Harness, Request, status};
use crate::moment::{median_millis, millis};

/// The medians of an operation, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Until the function, and the floor with a table, ask for work.
    pub(crate) ready: Pair,
    /// Until the floor without one does.
    pub(crate) empty: f64,
    /// From handing out the first event to the answer.
    pub(crate) first: Pair,
}

impl Start {
    /// How often the start of the function contains that of the floor without a table.
    pub(crate) fn to_empty(&self) -> f64 {
        self.ready.function / self.empty
    }
}

/// Starts the function of an operation and the two baseline so many times, in turn.
pub(crate) async fn measure(harness: &Harness, request: &Request, rounds: u32) -> Result<Start> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let programs = [
        (harness.function(operation), status(operation)),
        (harness.floor(operation), 204),
        (harness.program("floor-empty", operation), 204),
    ];
    let mut times: [(Vec<f64>, Vec<f64>); 3] = Default::default();
    for round in 0..rounds {
        for turn in 0..programs.len() {
            // Nobody is always the first.
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
        ready: Pair { function: function.0, floor: table.0 },
        empty: empty.0,
        first: Pair { function: function.1, floor: table.1 },
    })
}

/// Starts the floor as the SDK makes it by default, and as the functions reach the table, in turn.
/// Returns the medians of both.
pub(crate) async fn defaults(harness: &Harness, request: &Request, rounds: u32) -> Result<(f64, f64)> {
    harness.table.play(request.recording.clone());
    let programs = ["floor-defaults", "floor-table"].map(|name| harness.program(name, request.operation));
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
    let answer = function.invoke_for(event, status).await?;
    function.stop().await?;
    Ok((millis(start), answer.millis()))
}
