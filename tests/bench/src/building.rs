//! Building what is measured, as it is deployed.

use std::path::{Path, PathBuf};
use std::process::Command;

use shared::operation::Operation;

use crate::{Result, root};

/// The profile that keeps the names of functions, and the folder of what is built with it.
pub(crate) const SYMBOLS: &str = "symbols";

/// Builds the functions of these operations and the baseline that they are held to. Apart from each other,
/// because what is built together shares the features of its dependencies.
pub(crate) fn build(operations: &[&Operation]) -> Result<()> {
    let mut arguments = vec!["-p", "functions"];
    arguments.extend(operations.iter().flat_map(|operation| ["--bin", operation.id]));
    cargo(&arguments)?;
    cargo(&["-p", "baseline", "--bins"])
}

/// Builds what else is measured: the floor with the SDK's defaults and the local program.
pub(crate) fn build_others() -> Result<()> {
    cargo(&["-p", "baseline", "--bin", "floor-defaults", "--features", "defaults"])?;
    build_local()
}

/// Builds the local program, and its callers.
pub(crate) fn build_local() -> Result<()> {
    cargo(&["-p", "local"])?;
    cargo(&["-p", "bench", "--bin", "callers"])
}

/// Builds these functions and the floor with a table once more, with the names of their functions.
pub(crate) fn build_with_symbols(functions: &[&str]) -> Result<()> {
    let mut arguments = vec!["--profile", SYMBOLS, "-p", "functions"];
    arguments.extend(functions.iter().flat_map(|function| ["--bin", function]));
    cargo(&arguments)?;
    cargo(&["--profile", SYMBOLS, "-p", "baseline", "--bin", "floor-table"])
}

/// Runs `cargo build` with these arguments, as a release unless they name another profile.
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

/// The folder of all that is built.
pub(crate) fn target() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("this program stands in no folder")?;
    Ok(target.to_owned())
}

/// The folder of the programs that are measured.
pub(crate) fn programs() -> Result<PathBuf> {
    Ok(target()?.join("release"))
}
