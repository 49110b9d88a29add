//! Errors of the commands.

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::path::PathBuf;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// An error that stops a command. It is displayed as one line, with a remedy where there is one.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The data directory cannot be created, read or written.
    Folder {
        /// The path on the command line.
        path: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// Another program uses the data directory.
    FolderInUse {
        /// The path on the command line.
        path: PathBuf,
        /// The endpoint URL of the other program's engine, if it runs one.
        endpoint: Option<String>,
    },
    /// The data file cannot be opened.
    DataFile {
        /// The data file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The data file is not an intact database.
    DamagedData {
        /// The data file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The data directory contains no table, and no program serves one.
    NoData {
        /// The path on the command line.
        path: PathBuf,
    },
    /// The client of an export does not exist.
    UnknownClient(String),
    /// A port of this machine is in use.
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The program cannot listen on a port for another reason.
    Listen {
        /// The port.
        port: u16,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// A development key cannot be read, written or used.
    Key {
        /// The key, or the file that holds it.
        what: String,
        /// The reason.
        reason: String,
    },
    /// The definition of the table in `template.yaml` is missing or not supported.
    Template(String),
    /// `functions/costs.json` is not valid.
    Costs(String),
    /// A parameter of a path has no description.
    Parameter(String),
    /// Generated files are out of date.
    Stale(Vec<String>),
    /// A file of the repository cannot be generated.
    Generated {
        /// The file, relative to the repository.
        path: String,
        /// The reason.
        reason: String,
    },
    /// A request to the table or the engine failed.
    Table(String),
    /// The configuration in the environment is not valid.
    Configuration(String),
    /// The input of a command cannot be read, or its output cannot be written.
    Stream {
        /// The file, or a name such as `standard output`.
        name: String,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// An import was stopped by a signal.
    Stopped {
        /// The number of the last line that was processed.
        line: usize,
    },
    /// A check has findings. Each was written separately.
    Inconsistent {
        /// The number of items.
        items: usize,
        /// The number of findings.
        findings: usize,
    },
    /// Some lines of an import were rejected. Each was reported separately.
    LinesRefused {
        /// The number of rejected lines.
        refused: usize,
        /// The number of lines.
        lines: usize,
    },
}

impl Error {
    /// Returns the error for a failed request to the table, with the error code if the table responded.
    pub(crate) fn response<E, R>(action: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: Debug + 'static,
    {
        match (error.code(), error.message()) {
            (Some(code), Some(message)) => Self::Table(format!("{action}: {code}: {message}")),
            _ => Self::table(action, error),
        }
    }

    /// Returns the error for a failed request to the table, with all causes.
    pub(crate) fn table(action: &str, error: &(dyn StdError + 'static)) -> Self {
        let mut text = format!("{action}: {error}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self::Table(text)
    }
}

impl StdError for Error {}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Folder { path, reason } => {
                format!("cannot use the data directory {}: {reason}", path.display())
            }
            Self::FolderInUse { path, endpoint: Some(endpoint) } => format!(
                "the data directory {} is in use by another program, whose engine listens at {endpoint}",
                path.display()
            ),
            Self::FolderInUse { path, endpoint: None } => format!(
                "the data directory {} is in use by another command; try again after it has finished",
                path.display()
            ),
            Self::DataFile { path, reason } => {
                format!("cannot open the data file {}: {reason}", path.display())
            }
            Self::DamagedData { path, reason } => format!(
                "the data file {} is damaged ({reason}); move it away to start with an empty table",
                path.display()
            ),
            Self::NoData { path } => format!("the data directory {} contains no table", path.display()),
            Self::UnknownClient(client) => format!("client '{client}' does not exist"),
            Self::PortTaken { port } => {
                format!("port {port} of 127.0.0.1 is in use; choose another one with --port")
            }
            Self::Listen { port, reason } => {
                format!("cannot listen on port {port} of 127.0.0.1: {reason}")
            }
            Self::Key { what, reason } => {
                format!("cannot use the development key {what}: {reason}")
            }
            Self::Template(reason) => format!("template.yaml: {reason}"),
            Self::Costs(reason) => format!("functions/costs.json: {reason}"),
            Self::Parameter(name) => {
                format!("path parameter {name} is not described in local/src/openapi/parameters.rs")
            }
            Self::Stale(paths) => {
                format!("generated files are out of date: {}; run `cargo run -- generate`", paths.join(", "))
            }
            Self::Generated { path, reason } => format!("cannot generate {path}: {reason}"),
            Self::Table(reason) => format!("table error: {reason}"),
            Self::Configuration(reason) => reason.clone(),
            Self::Stream { name, reason } => format!("{name}: {reason}"),
            Self::Stopped { line } => {
                format!("stopped after line {line}; import the same file again to continue")
            }
            Self::Inconsistent { items, findings } => format!("{items} items, {findings} findings"),
            Self::LinesRefused { refused, lines } => {
                format!("{refused} of {lines} lines rejected")
            }
        };
        // Messages of other libraries can contain line breaks.
        formatter.write_str(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn messages_are_single_line() {
        let error = Error::Table("first\nsecond\t third".to_owned());
        assert_eq!(error.to_string(), "table error: first second third");
    }
}
