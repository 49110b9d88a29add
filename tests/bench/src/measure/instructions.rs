//! Instructions of a warm request, counted by callgrind and grouped by purpose.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use shared::operation::Operation;
use tempfile::tempdir;

use super::Pair;
use crate::Result;
use crate::building::{SYMBOLS, target};
use crate::harness::function::{Function, Program};
use crate::harness::{Harness, Request, status};
use crate::report::groups::group_of;

/// Number of requests in the shorter run. The longer run has twice as many.
const REQUESTS: u32 = 40;
/// Operations whose instructions are grouped: a read and a write.
pub(crate) const GROUPED: [&str; 2] = ["get-client", "create-client"];

/// Figures of an operation, in thousands of instructions per request.
#[derive(Clone, Debug)]
pub(crate) struct Instructions {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Total.
    pub(crate) all: Pair,
    /// Function and baseline by group. Empty for operations that are not in [`GROUPED`].
    pub(crate) groups: BTreeMap<&'static str, (f64, f64)>,
}

/// Returns true if valgrind is installed.
pub(crate) fn is_possible() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Counts the instructions of a function and its baseline.
pub(crate) async fn measure(harness: &Harness, request: &Request) -> Result<Instructions> {
    harness.table.play(request.recording.clone());
    let operation = request.operation;
    let (mut function, mut baseline) = (harness.function(operation), harness.baseline(operation));
    if GROUPED.contains(&operation.id) {
        for program in [&mut function, &mut baseline] {
            program.path = target()?.join(SYMBOLS).join(&program.name);
        }
    }
    let function = of_a_request(harness, operation, &function, status(operation)).await?;
    let baseline = of_a_request(harness, operation, &baseline, 204).await?;
    let sum = |costs: &BTreeMap<&str, f64>| costs.values().sum();
    let all = Pair { function: sum(&function), baseline: sum(&baseline) };
    let mut groups = BTreeMap::new();
    if GROUPED.contains(&operation.id) {
        let of = |costs: &BTreeMap<&str, f64>, name| costs.get(name).copied().unwrap_or_default();
        for name in function.keys().chain(baseline.keys()) {
            groups.insert(*name, (of(&function, name), of(&baseline, name)));
        }
    }
    Ok(Instructions { operation: operation.id, all, groups })
}

/// Returns the instructions per request by group, computed from the difference between two runs.
async fn of_a_request(
    harness: &Harness,
    operation: &Operation,
    program: &Program,
    status: u16,
) -> Result<BTreeMap<&'static str, f64>> {
    let less = of_a_run(harness, operation, program, (REQUESTS, status)).await?;
    let mut more = of_a_run(harness, operation, program, (2 * REQUESTS, status)).await?;
    for (name, cost) in &mut more {
        *cost = (*cost - less.get(name).copied().unwrap_or_default()) / f64::from(REQUESTS) / 1e3;
    }
    Ok(more)
}

async fn of_a_run(
    harness: &Harness,
    operation: &Operation,
    program: &Program,
    (requests, status): (u32, u16),
) -> Result<BTreeMap<&'static str, f64>> {
    let folder = tempdir()?;
    let file = folder.path().join("callgrind");
    let mut program = program.clone();
    let output = format!("--callgrind-out-file={}", file.display());
    program.tool = ["valgrind", "-q", "--tool=callgrind", &output].map(str::to_owned).into();
    let mut function = Function::start(&program).await?;
    function.ready().await?;
    for _ in 0..requests {
        function.invoke_for(harness.events.event(operation, 0)?, status).await?;
    }
    function.end().await?;
    costs(&file)
}

/// Parses a callgrind file and returns the instructions of each group, without those of called functions.
fn costs(file: &Path) -> Result<BTreeMap<&'static str, f64>> {
    let text = std::fs::read_to_string(file)?;
    let mut names = BTreeMap::new();
    let mut costs = BTreeMap::new();
    let (mut group, mut is_of_a_call) = ("", false);
    for line in text.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            // callgrind writes each name once and refers to it by number from then on.
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            group = names.entry(number.to_owned()).or_insert_with(|| group_of(name));
        } else if let Some(callee) = line.strip_prefix("cfn=") {
            if let Some((number, name)) = callee.split_once(' ') {
                names.insert(number.to_owned(), group_of(name));
            }
        } else if line.starts_with("calls=") {
            is_of_a_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<f64>().ok());
            if !is_of_a_call {
                *costs.entry(group).or_insert(0.0) += cost.unwrap_or_default();
            }
            is_of_a_call = false;
        }
    }
    Ok(costs)
}
