//! The most memory that a process has had at a time, after a thousand requests and after ten thousand.

use std::fs;

use super::Pair;
use crate::Result;
use crate::harness::function::{Function, Program};
use crate::harness::{Harness, Request, status};

/// After how many requests it is looked at.
const REQUESTS: [i64; 2] = [1_000, 10_000];

/// Of an operation, in MB.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// The operation.
    pub(crate) operation: &'static str,
    /// After the fewer requests.
    pub(crate) early: Pair,
    /// After the more.
    pub(crate) late: Pair,
}

/// Makes the requests, each with a token of its own: whatever is remembered of tokens shows.
pub(crate) async fn measure(harness: &Harness, request: &Request) -> Result<Memory> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let function = peaks(harness, request, &harness.function(operation), status(operation)).await?;
    let floor = peaks(harness, request, &harness.floor(operation), 204).await?;
    let [early, late] = [0, 1].map(|place| Pair { function: function[place], floor: floor[place] });
    Ok(Memory { operation: operation.id, early, late })
}

async fn peaks(harness: &Harness, request: &Request, program: &Program, status: u16) -> Result<[f64; 2]> {
    let mut function = Function::start(program).await?;
    function.ready().await?;
    let mut peaks = [0.0; 2];
    let mut made = 0;
    for (peak, requests) in peaks.iter_mut().zip(REQUESTS) {
        while made < requests {
            made += 1;
            function.invoke_for(harness.events.event(request.operation, made)?, status).await?;
        }
        *peak = peak_of(&function)?;
    }
    function.stop().await?;
    Ok(peaks)
}

/// The peak of a process's resident memory, as Linux keeps it.
fn peak_of(function: &Function) -> Result<f64> {
    let process = function.process().ok_or("the function has ended")?;
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|rest| rest.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kilobytes.parse::<f64>()? / 1024.0)
}
