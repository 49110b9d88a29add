//! Peak memory of a process after 1,000 and after 10,000 requests.

use std::fs;

use super::Pair;
use crate::Result;
use crate::harness::function::{Function, Program};
use crate::harness::{Harness, Request, status};

/// Numbers of requests after which the peak is read.
const REQUESTS: [i64; 2] = [1_000, 10_000];

/// Figures of an operation, in MB.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Peak after the smaller number of requests.
    pub(crate) early: Pair,
    /// Peak after the larger number of requests.
    pub(crate) late: Pair,
}

/// Measures the peaks of a function and its baseline.
///
/// Every request has a new token, so that the figures include everything that is cached per token.
pub(crate) async fn measure(harness: &Harness, request: &Request) -> Result<Memory> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let function = peaks(harness, request, &harness.function(operation), status(operation)).await?;
    let baseline = peaks(harness, request, &harness.baseline(operation), 204).await?;
    let [early, late] = [0, 1].map(|place| Pair { function: function[place], baseline: baseline[place] });
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

/// Returns the peak resident memory of a function, in MB.
pub(super) fn peak_of(function: &Function) -> Result<f64> {
    peak(function.process().ok_or("the function has ended")?)
}

/// Returns the peak resident memory of a process (`VmHWM`), in MB.
pub(super) fn peak(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|rest| rest.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kilobytes.parse::<f64>()? / 1024.0)
}
