//! What must not be exceeded. `check` compares with these figures, and with nothing else.

use local::costs::Units;

use crate::Result;
use crate::harness::Request;
use crate::measure::sizes::{Size, floor_zip};

/// How far a size may be above its limit: what another version of the compiler does.
const TOLERANCE: f64 = 1.02;
/// How large the zip of a function may be, in MB: the largest when this was written. It may fall.
const ZIP: f64 = 2.41;
/// How large the zip of a function may be, beside that of its floor.
pub(crate) const ZIP_TO_FLOOR: f64 = 1.15;
/// How far the bytes of a floor's calls may be from those of the function, in parts of these.
const BYTES: f64 = 0.15;

/// What a good request to an operation costs at the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// Rounds of calls, one after the other.
    pub(crate) trips: u32,
    /// The calls.
    pub(crate) calls: usize,
    /// Read units.
    pub(crate) read: f64,
    /// Write units.
    pub(crate) write: f64,
}

/// Returns what the stored event of an operation must cost on the demo data, no more and no less.
fn cost(operation: &str) -> Result<Cost> {
    let cost = local::costs::Cost::of(operation)?;
    let Units { read_units: read, write_units: write } = cost.demo_units();
    Ok(Cost { trips: u32::try_from(cost.trips.len())?, calls: cost.calls(), read, write })
}

/// What is broken by the counts of the functions and of their baseline, a line each.
pub(crate) fn broken_counts(requests: &[Request], baseline: &[Request]) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (request, floor) in requests.iter().zip(baseline) {
        let name = request.operation.id;
        let expected = cost(name)?;
        if expected != request.cost() {
            broken.push(format!("{name} costs {:?} instead of {expected:?}", request.cost()));
        }
        if (floor.counts.trips, floor.calls()) != (request.counts.trips, request.calls()) {
            broken.push(format!("{name}: the floor makes other calls: {:?}", floor.calls()));
        }
        let (bytes, of_floor) = (request.bytes(), floor.bytes());
        if (bytes - of_floor).abs() > bytes * BYTES {
            broken.push(format!("{name} sends {bytes} bytes to the table, its floor {of_floor}"));
        }
    }
    Ok(broken)
}

/// What is broken by the sizes, a line each.
pub(crate) fn broken_sizes(sizes: &[Size]) -> Vec<String> {
    let Some(floor) = floor_zip(sizes) else {
        return vec!["there is no floor".to_owned()];
    };
    let limit = ZIP.min(floor * ZIP_TO_FLOOR) * TOLERANCE;
    let functions = sizes.iter().filter(|size| size.is_of_a_function());
    let large = functions.filter(|size| size.zip > limit);
    large
        .map(|size| format!("the zip of {} has {:.2} MB, above {limit:.2}", size.program, size.zip))
        .collect()
}
