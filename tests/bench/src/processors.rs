//! Which processor runs what, and for how long.

use std::fs;
use std::num::NonZero;
use std::process::Stdio;
use std::thread::available_parallelism;

use tokio::process::Command;

use crate::Result;
use crate::harness::function::Function;

/// The benchmark on one processor and the functions on another, as long as this value lives on. Left
/// to chance, who shares one with the host would decide who is faster.
pub(crate) struct Apart {
    processors: usize,
}

impl Apart {
    /// Takes them apart, where there is more than one processor and a `taskset` to do it.
    pub(crate) async fn take(functions: [&Function; 2]) -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        if processors > 1 {
            run_on("0", std::process::id()).await;
            for process in functions.into_iter().filter_map(Function::process) {
                run_on("1", process).await;
            }
        }
        Self { processors }
    }

    /// Lets the benchmark run wherever it may.
    pub(crate) async fn end(self) {
        run_on(&format!("0-{}", self.processors - 1), std::process::id()).await;
    }
}

/// A machine without `taskset` measures as well as it can.
async fn run_on(processors: &str, process: u32) {
    let arguments = ["-acp", processors, &process.to_string()].map(str::to_owned);
    let _ =
        Command::new("taskset").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
}

/// How long a function has had a processor, in milliseconds: its one thread, as Linux keeps it.
pub(crate) fn processor_millis(function: &Function) -> Result<f64> {
    let process = function.process().ok_or("the function has ended")?;
    let nanoseconds = fs::read_to_string(format!("/proc/{process}/schedstat"))?;
    let nanoseconds = nanoseconds.split_whitespace().next().ok_or("no schedstat")?;
    Ok(nanoseconds.parse::<f64>()? / 1e6)
}
