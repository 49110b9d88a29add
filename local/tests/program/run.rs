//! Helpers that run the program.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The result of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// True if the program exited with success.
    pub(crate) success: bool,
    /// The text on standard output.
    pub(crate) output: String,
    /// The text on standard error.
    pub(crate) errors: String,
}

/// A running program. Dropping the value kills it.
pub(crate) struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// Returns the program with the data directory `data` and without the environment variables that it reads.
fn program(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    for name in [
        "AWS_ENDPOINT_URL_DYNAMODB",
        "BEARER_AUDIENCE",
        "BEARER_ISSUER",
        "BEARER_JWKS",
        "CORS_ALLOWED_ORIGINS",
        "HTTPS_PROXY",
        "NO_PROXY",
        "RUST_LOG",
        "TABLE_NAME",
        "X_TOKEN_JWKS",
        "https_proxy",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "1").args(arguments).arg("--data").arg(data);
    command
}

/// Runs the program until it exits.
pub(crate) fn run(data: &Path, arguments: &[&str]) -> Ended {
    run_with(data, arguments, &[])
}

/// Runs the program with environment variables until it exits.
pub(crate) fn run_with(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = program(data, arguments);
    let ended = command.envs(variables.iter().copied()).output().expect("the program runs");
    Ended {
        success: ended.status.success(),
        output: String::from_utf8(ended.stdout).expect("UTF-8"),
        errors: String::from_utf8(ended.stderr).expect("UTF-8"),
    }
}

impl Running {
    /// Starts the program and returns it with the first line that it prints.
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> (Self, String) {
        Self::start_with(data, arguments, &[])
    }

    /// Starts the program with environment variables. See [`Running::start`].
    fn start_with(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Self, String) {
        let mut command = program(data, arguments);
        command.envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).env("RUST_LOG", "off");
        let mut child = command.spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("standard output"));
        let mut first = String::new();
        output.read_line(&mut first).expect("a line");
        (Self { child, input: None, output }, first.trim_end().to_owned())
    }

    /// Starts the server with environment variables, on a free port and with the data in memory. Returns its
    /// address.
    pub(crate) fn serve(data: &Path, variables: &[(&str, &str)]) -> (Self, String) {
        let (running, first) = Self::start_with(data, &["serve", "--memory", "--port", "0"], variables);
        let address = first.strip_prefix("Serving http://").and_then(|rest| rest.split(',').next());
        (running, address.expect("an address").to_owned())
    }

    /// Returns the next lines that the program prints, until an empty one.
    pub(crate) fn paragraph(&mut self) -> String {
        let mut lines = String::new();
        while !lines.ends_with("\n\n") && lines != "\n" {
            assert_ne!(self.output.read_line(&mut lines).expect("a line"), 0, "the output has ended");
        }
        lines
    }

    /// Starts an import of lines that the test writes.
    pub(crate) fn import(data: &Path) -> Self {
        let mut command = program(data, &["import", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("standard output"));
        Self { input: child.stdin.take(), child, output }
    }

    /// Writes lines to standard input.
    pub(crate) fn write(&mut self, lines: &str) {
        self.input.as_mut().expect("standard input").write_all(lines.as_bytes()).expect("written");
    }

    /// Closes standard input and waits until the program exits.
    pub(crate) fn finish(mut self) -> Ended {
        self.input = None;
        self.ended()
    }

    /// Kills the program without giving it a chance to shut down.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Requests that the program stops, and waits until it exits.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> Ended {
        let signal = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().expect("a shell").success());
        self.ended()
    }

    /// Waits until the program exits.
    fn ended(&mut self) -> Ended {
        let mut output = String::new();
        self.output.read_to_string(&mut output).expect("UTF-8");
        let mut errors = String::new();
        self.child.stderr.take().expect("standard error").read_to_string(&mut errors).expect("UTF-8");
        Ended { success: self.child.wait().expect("ended").success(), output, errors }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that the program has already exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
