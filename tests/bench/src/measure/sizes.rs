//! Sizes of what is deployed.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use shared::operation::Operation;

use crate::Result;
use crate::building::programs;

/// What a zip of one file named `bootstrap` holds beside its data: its header, its entry in the
/// directory, the end of the directory.
const FRAME: u64 = 30 + 9 + 46 + 9 + 22;
const MEGABYTE: f64 = 1e6;

/// Of a program, in MB.
#[derive(Clone, Debug)]
pub(crate) struct Size {
    /// Its name.
    pub(crate) program: String,
    /// The program itself.
    pub(crate) binary: f64,
    /// Its zip, as `sam` makes it: deflate, level 6.
    pub(crate) zip: f64,
}

impl Size {
    /// Whether it is not of a floor.
    pub(crate) fn is_of_a_function(&self) -> bool {
        !self.program.starts_with("floor-")
    }
}

/// The zip of the floor with a table, in MB, where it has been measured.
pub(crate) fn floor_zip(sizes: &[Size]) -> Option<f64> {
    sizes.iter().find(|size| size.program == "floor-table").map(|size| size.zip)
}

/// The sizes of the functions of these operations, and of these baseline behind them.
pub(crate) fn measure(operations: &[&Operation], baseline: &[&str]) -> Result<Vec<Size>> {
    let functions = operations.iter().map(|operation| operation.id);
    let baseline = baseline.iter().copied();
    let folder = programs()?;
    functions.chain(baseline).map(|name| of(name, &folder.join(name))).collect()
}

fn of(name: &str, path: &Path) -> Result<Size> {
    let program = fs::read(path)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&program)?;
    let zip = u64::try_from(encoder.finish()?.len())? + FRAME;
    Ok(Size {
        program: name.to_owned(),
        binary: megabytes(u64::try_from(program.len())?),
        zip: megabytes(zip),
    })
}

#[expect(clippy::cast_precision_loss, reason = "no program has so many bytes that this shows")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}
