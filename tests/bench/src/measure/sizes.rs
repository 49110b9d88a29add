//! Sizes of the deployed programs.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use shared::operation::Operation;

use crate::Result;
use crate::building::programs;

/// Overhead of a zip with a single file named `bootstrap`, in bytes: local file header, central directory
/// entry and end of central directory.
const ZIP_OVERHEAD: u64 = 30 + 9 + 46 + 9 + 22;
const MEGABYTE: f64 = 1e6;

/// Sizes of a program, in MB.
#[derive(Clone, Debug)]
pub(crate) struct Size {
    /// Name of the program.
    pub(crate) program: String,
    /// Size of the executable.
    pub(crate) binary: f64,
    /// Size of the zip that `sam` packages: deflate, level 6.
    pub(crate) zip: f64,
}

impl Size {
    /// Returns true if the program is a function, not a baseline.
    pub(crate) fn is_of_a_function(&self) -> bool {
        !self.program.starts_with("baseline-")
    }
}

/// Returns the zip size of `baseline-table` in MB, if it was measured.
pub(crate) fn baseline_zip(sizes: &[Size]) -> Option<f64> {
    sizes.iter().find(|size| size.program == "baseline-table").map(|size| size.zip)
}

/// Measures the functions of these operations, followed by these baselines.
pub(crate) fn measure(operations: &[&Operation], baselines: &[&str]) -> Result<Vec<Size>> {
    let functions = operations.iter().map(|operation| operation.id);
    let baselines = baselines.iter().copied();
    let folder = programs()?;
    functions.chain(baselines).map(|name| of(name, &folder.join(name))).collect()
}

fn of(name: &str, path: &Path) -> Result<Size> {
    let program = fs::read(path)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&program)?;
    let zip = u64::try_from(encoder.finish()?.len())? + ZIP_OVERHEAD;
    Ok(Size {
        program: name.to_owned(),
        binary: megabytes(u64::try_from(program.len())?),
        zip: megabytes(zip),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no program is large enough to lose precision")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}
