//! Crash safety: the real programs, killed with `SIGKILL`, which they cannot handle.
//!
//! | variable | meaning |
//! |---|---|
//! | `CRASHES` | number of times the local server, and an import, is killed or stopped (4) |
//! | `CRASH_SEED` | seed of the random moments (1) |

mod deletions;
mod function;
mod import;
mod local_server;
mod start;
mod table_calls;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;

use crate::support::target::{Kind, leaves_out};

/// The programs that are killed.
const PROGRAMS: [&str; 15] = [
    "local",
    "create-client",
    "create-personal-question",
    "create-consent",
    "update-mobile-signature-properties",
    "delete-dispatch-target",
    "create-dispatch-target",
    "create-fido-authenticator",
    "update-fido-authenticator",
    "delete-fido-authenticator",
    "delete-consent",
    "archive-user",
    "delete-user",
    "delete-client",
    "sweep-deletions",
];

/// A running program, killed when the value is dropped.
struct Process(Child);

impl Process {
    /// Kills the process and waits until it has terminated.
    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have been killed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns true if the processes belong to another target.
fn are_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "killed processes")
}

/// Returns the path of a program of this workspace, built with the same profile as this test.
fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build).join(name)
}

/// Builds all programs. The packages are the same as for the test, because others would compile the libraries again with
/// other features.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test");
    let folder = test.parent().and_then(Path::parent).expect("the folder of the programs").to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo sets for a test. A library whose build script looks at it would be compiled again.
    let of_test =
        |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|own| name.starts_with(own));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_test)) {
        command.env_remove(name);
    }
    command.args(["build", "--quiet", "--workspace", "--test", "api"]);
    command.args(PROGRAMS.iter().flat_map(|program| ["--bin", program]));
    if folder.ends_with("release") {
        command.arg("--release");
    }
    assert!(command.status().expect("cargo runs").success(), "the programs are built");
    folder
}
