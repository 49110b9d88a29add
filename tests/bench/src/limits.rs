//! Limits that `check` enforces.

use functions::OPERATIONS;
use local::costs::Units;
use shared::operation::description::Success;

use crate::Result;
use crate::harness::Request;
use crate::measure::sizes::{Size, baseline_zip};

/// Tolerance of the size limits, for differences between compiler versions.
const TOLERANCE: f64 = 1.02;
/// Maximum zip size of a function in MB: the largest one since HEAD, CORS, several issuers, the checks of
/// weak keys and the identifiers of created objects were added. Only lower it.
const ZIP: f64 = 2.48;
/// The same for a function that deletes in several steps. It reads every kind of item of a user or a client, and plans the
/// deletion of each. Only lower it.
const ZIP_OF_DELETION: f64 = 2.60;
/// Maximum ratio of the zip size of a function to that of `baseline-table`.
pub(crate) const ZIP_TO_BASELINE: f64 = 1.15;
/// Maximum relative difference between the bytes that a baseline and its function send.
const BYTES: f64 = 0.15;

/// Cost of a valid request to an operation at the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// Number of trips.
    pub(crate) trips: u32,
    /// Number of calls.
    pub(crate) calls: usize,
    /// Read units.
    pub(crate) read: f64,
    /// Write units.
    pub(crate) write: f64,
}

/// Returns the exact cost that the stored event of an operation must have on the demo data.
fn cost(operation: &str) -> Result<Cost> {
    let cost = local::costs::Cost::of(operation)?;
    let Units { read_units: read, write_units: write } = cost.demo_units();
    Ok(Cost { trips: u32::try_from(cost.trips.len())?, calls: cost.calls(), read, write })
}

/// Returns a message for each violation by the counts of the functions and their baselines.
pub(crate) fn broken_counts(requests: &[Request], baselines: &[Request]) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (request, baseline) in requests.iter().zip(baselines) {
        let name = request.operation.id;
        // Its calls depend on what there is to delete, and no recorded response fits the baseline's own identifier.
        if !request.can_be_replayed() {
            continue;
        }
        let expected = cost(name)?;
        if expected != request.cost() {
            broken.push(format!("{name} costs {:?} instead of {expected:?}", request.cost()));
        }
        if (baseline.counts.trips, baseline.calls()) != (request.counts.trips, request.calls()) {
            broken.push(format!("{name}: the calls of the baseline differ: {:?}", baseline.calls()));
        }
        let (bytes, baseline_bytes) = (request.bytes(), baseline.bytes());
        if (bytes - baseline_bytes).abs() > bytes * BYTES {
            broken.push(format!("{name} sends {bytes} bytes to the table, its baseline {baseline_bytes}"));
        }
    }
    Ok(broken)
}

/// Returns a message for each violation of a size limit.
pub(crate) fn broken_sizes(sizes: &[Size]) -> Vec<String> {
    let Some(baseline) = baseline_zip(sizes) else {
        return vec!["baseline-table was not measured".to_owned()];
    };
    let limit = |size: &Size| {
        let of_all = ZIP.min(baseline * ZIP_TO_BASELINE);
        TOLERANCE * if is_deletion(&size.program) { ZIP_OF_DELETION } else { of_all }
    };
    let functions = sizes.iter().filter(|size| size.is_of_a_function());
    let large = functions.filter(|size| size.zip > limit(size));
    large
        .map(|size| {
            format!("the zip of {} has {:.2} MB, limit {:.2} MB", size.program, size.zip, limit(size))
        })
        .collect()
}

/// Returns true if a function deletes in several steps.
fn is_deletion(program: &str) -> bool {
    OPERATIONS.iter().any(|operation| {
        operation.id == program && matches!(operation.description.success, Success::Deletion)
    })
}
