//! What is left when a process is killed: the real programs, killed with `SIGKILL`, which nobody can
//! prepare for.
//!
//! | variable | meaning |
//! |---|---|
//! | `CRASHES` | how often the local server is killed (4) |
//! | `CRASH_SEED` | what the moments are drawn from (1) |

mod function;
mod local_server;
mod table_calls;
mod whole;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;

use crate::support::target::{Kind, leaves_out};

/// The programs that are killed.
const PROGRAMS: [&str; 6] = [
    "local",
    "create-client",
    "create-personal-question",
    "create-consent",
    "update-mobile-signature-properties",
    "delete-dispatch-target",
];

/// A running program, killed when the value is dropped.
struct Process(Child);

impl Process {
    /// Kills it, and waits until it has ended.
    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("ended");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether the processes are somebody else's.
fn are_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the death of a process")
}

/// A program of this workspace, built like this test.
fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build).join(name)
}

/// Builds all of them. The packages are those of the test: with others the libraries would be built
/// anew, with other features.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("the test");
    let folder = test.parent().and_then(Path::parent).expect("the folder of the programs").to_owned();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "functions", "-p", "local", "-p", "tests", "--test", "api"]);
    command.args(PROGRAMS.iter().flat_map(|program| ["--bin", program]));
    if folder.ends_with("release") {
        command.arg("--release");
    }
    assert!(command.status().expect("cargo runs").success(), "the programs are built");
    folder
}
