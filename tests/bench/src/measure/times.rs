//! Build times of all functions from scratch, and of one further function.

use std::fs::File;

use crate::building::cargo;
use crate::{Result, moment, root};

/// Build times in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildTimes {
    /// All functions with all dependencies.
    pub(crate) all: f64,
    /// One function while all others are up to date.
    pub(crate) one: f64,
}

/// Measures the build times in a new target folder.
pub(crate) fn measure() -> Result<BuildTimes> {
    let folder = tempfile::tempdir()?;
    let target = folder.path().to_string_lossy().into_owned();
    let build = || -> Result<f64> {
        let begin = moment::now();
        cargo(&["-p", "functions", "--bins", "--target-dir", &target])?;
        Ok(begin.elapsed().as_secs_f64())
    };
    let all = build()?;
    // Cargo rebuilds a binary if its source is newer. This simulates a new function.
    let source = root().join("functions/src/bin/get-client.rs");
    #[expect(clippy::disallowed_methods, reason = "Cargo compares file times of the system clock")]
    File::options().append(true).open(source)?.set_modified(std::time::SystemTime::now())?;
    Ok(BuildTimes { all, one: build()? })
}
