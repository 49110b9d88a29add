//! Builds the measured programs as they are deployed.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared::operation::Operation;

use crate::{Result, root};

/// Cargo profile that keeps function names, and the name of its output folder.
pub(crate) const SYMBOLS: &str = "symbols";

/// Builds the functions of these operations, and the baselines.
///
/// The two builds are separate, because Cargo unifies the features of dependencies within a build.
pub(crate) fn build(operations: &[&Operation]) -> Result<()> {
    let mut arguments = vec!["-p", "functions"];
    arguments.extend(operations.iter().flat_map(|operation| ["--bin", operation.id]));
    cargo(&arguments)?;
    cargo(&["-p", "baseline", "--bins"])
}

/// Builds the baseline with the SDK's defaults, and the local program.
pub(crate) fn build_others() -> Result<()> {
    cargo(&["-p", "baseline", "--bin", "baseline-defaults", "--features", "defaults"])?;
    build_local()
}

/// Builds the local program and its load generator.
pub(crate) fn build_local() -> Result<()> {
    cargo(&["-p", "local"])?;
    cargo(&["-p", "bench", "--bin", "callers"])
}

/// Builds these functions and `baseline-table` with function names.
pub(crate) fn build_with_symbols(functions: &[&str]) -> Result<()> {
    let mut arguments = vec!["--profile", SYMBOLS, "-p", "functions"];
    arguments.extend(functions.iter().flat_map(|function| ["--bin", function]));
    cargo(&arguments)?;
    cargo(&["--profile", SYMBOLS, "-p", "baseline", "--bin", "baseline-table"])
}

/// Runs `cargo build` with these arguments, in the release profile unless they select another one.
pub(crate) fn cargo(arguments: &[&str]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(["build", "--locked"]);
    if !arguments.contains(&"--profile") {
        command.arg("--release");
    }
    let status = command.args(arguments).status()?;
    if !status.success() {
        return Err(format!("cargo build {} failed", arguments.join(" ")).into());
    }
    Ok(())
}

/// Returns the target folder.
pub(crate) fn target() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target =
        own.parent().and_then(Path::parent).ok_or("the path of this program has no parent folder")?;
    Ok(target.to_owned())
}

/// Returns the folder of the measured programs.
pub(crate) fn programs() -> Result<PathBuf> {
    Ok(target()?.join("release"))
}
