//! Processor pinning and processor time.

use std::fs;
use std::num::NonZero;
use std::process::Stdio;
use std::thread::available_parallelism;

use tokio::process::Command;

use crate::Result;
use crate::harness::function::Function;

/// Clock ticks of a second in `stat`.
const TICKS: f64 = 100.0;

/// Pins the benchmark to one processor and the functions to another until [`Self::end`].
///
/// Without pinning, the result would depend on which program shares a processor with the host.
pub(crate) struct Pinning {
    processors: usize,
}

impl Pinning {
    /// Pins the processes if there is more than one processor and `taskset` is installed.
    pub(crate) async fn start(functions: [&Function; 2]) -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        if processors > 1 {
            run_on("0", std::process::id()).await;
            for process in functions.into_iter().filter_map(Function::process) {
                run_on("1", process).await;
            }
        }
        Self { processors }
    }

    /// Allows the benchmark to use all processors again.
    pub(crate) async fn end(self) {
        run_on(&format!("0-{}", self.processors - 1), std::process::id()).await;
    }
}

/// Pins a process with `taskset`. Has no effect if `taskset` is not installed.
async fn run_on(processors: &str, process: u32) {
    let arguments = ["-acp", processors, &process.to_string()].map(str::to_owned);
    let _ =
        Command::new("taskset").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().await;
}

/// Returns the processor time of all threads of a process in seconds, including those that have ended (`stat`).
pub(crate) fn processor_seconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program, in parentheses, can have spaces.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let [user, system] = [11, 12].map(|place| fields.get(place).ok_or("no times"));
    Ok((user?.parse::<f64>()? + system?.parse::<f64>()?) / TICKS)
}

/// Returns the processor time of the single thread of a function in milliseconds (`schedstat`).
pub(crate) fn processor_millis(function: &Function) -> Result<f64> {
    let process = function.process().ok_or("the function has ended")?;
    let nanoseconds = fs::read_to_string(format!("/proc/{process}/schedstat"))?;
    let nanoseconds = nanoseconds.split_whitespace().next().ok_or("no schedstat")?;
    Ok(nanoseconds.parse::<f64>()? / 1e6)
}
