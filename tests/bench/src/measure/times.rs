//! How long it takes to build all functions from nothing, and one more.

use std::fs::File;

use crate::building::cargo;
use crate::{Result, moment, root};

/// In seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildTimes {
    /// All functions, with everything that they need.
    pub(crate) all: f64,
    /// One, where all others are built.
    pub(crate) one: f64,
}

/// Builds in a folder of its own, which is empty at first.
pub(crate) fn measure() -> Result<BuildTimes> {
    let folder = tempfile::tempdir()?;
    let target = folder.path().to_string_lossy().into_owned();
    let build = || -> Result<f64> {
        let begin = moment::now();
        cargo(&["-p", "functions", "--bins", "--target-dir", &target])?;
        Ok(begin.elapsed().as_secs_f64())
    };
    let all = build()?;
    // A binary whose file is newer than what was made of it is as good as a new one.
    let source = root().join("functions/src/bin/get-client.rs");
    #[expect(clippy::disallowed_methods, reason = "a file's time is of the real clock")]
    File::options().append(true).open(source)?.set_modified(std::time::SystemTime::now())?;
    Ok(BuildTimes { all, one: build()? })
}
