//! Everything that stops a command of the local run.

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::path::PathBuf;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Why a command stopped. Each value reads as one line for the person at the
/// terminal: what is wrong, with which thing, and what to do where that helps.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The data folder cannot be made, read or written.
    Folder {
        /// The folder, as it was given.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
    /// Another program works on the data folder.
    FolderInUse {
        /// The folder, as it was given.
        path: PathBuf,
        /// The engine that the other program runs there, where it runs one.
        endpoint: Option<String>,
    },
    /// The data file cannot be opened.
    DataFile {
        /// The data file.
        path: PathBuf,
        /// What is in the way.
        reason: String,
    },
    /// The data file is not the database that it should be.
    DamagedData {
        /// The data file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A port of this machine is taken.
    PortTaken {
        /// The port.
        port: u16,
    },
    /// A port of this machine cannot be listened on, for another reason.
    Listen {
        /// The port.
        port: u16,
        /// What the operating system says.
        reason: io::Error,
    },
    /// A development key cannot be read, written or used.
    Key {
        /// The key, or the file that holds it.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `template.yaml` does not describe the table in a way that is understood.
    Template(String),
    /// `functions/costs.json` is not valid.
    Costs(String),
    /// A parameter of a path has no description.
    Parameter(String),
    /// Generated files differ from what `generate` would write.
    Stale(Vec<String>),
    /// A file of the repository cannot be generated.
    Generated {
        /// The file, relative to the repository.
        path: String,
        /// The reason.
        reason: String,
    },
    /// The table does not answer, or not as expected.
    Table(String),
    /// The configuration in the environment is not valid, as the text says.
    Configuration(String),
    /// The input, or the output, of a command cannot be read or written.
    Stream {
        /// The file, or `standard input`, or `standard output`.
        name: String,
        /// What the operating system says.
        reason: io::Error,
    },
    /// Some lines of an import were refused; each was reported on its own.
    LinesRefused {
        /// How many lines were refused.
        refused: usize,
        /// How many lines there were.
        lines: usize,
    },
}

impl Error {
    /// What the table answered instead of success, or why it did not answer.
    pub(crate) fn answer<E, R>(doing: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: Debug + 'static,
    {
        match (error.code(), error.message()) {
            (Some(code), Some(message)) => Self::Table(format!("{doing}: {code}: {message}")),
            _ => Self::table(doing, error),
        }
    }

    /// A failure of the table, with every cause that is known.
    pub(crate) fn table(doing: &str, error: &(dyn StdError + 'static)) -> Self {
        let mut text = format!("{doing}: {error}");
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
                format!("the data folder {} is not usable: {reason}", path.display())
            }
            Self::FolderInUse { path, endpoint: Some(endpoint) } => format!(
                "the data folder {} is in use: another program serves it with its engine at {endpoint}",
                path.display()
            ),
            Self::FolderInUse { path, endpoint: None } => format!(
                "the data folder {} is in use by another command; try again when that one has ended",
                path.display()
            ),
            Self::DataFile { path, reason } => {
                format!("the data file {} cannot be opened: {reason}", path.display())
            }
            Self::DamagedData { path, reason } => format!(
                "the data file {} is damaged ({reason}); move it away to start with an empty table",
                path.display()
            ),
            Self::PortTaken { port } => {
                format!("port {port} of 127.0.0.1 is taken; choose another one with --port")
            }
            Self::Listen { port, reason } => {
                format!("cannot listen on port {port} of 127.0.0.1: {reason}")
            }
            Self::Key { what, reason } => {
                format!("the development key {what} is not usable: {reason}")
            }
            Self::Template(reason) => format!("template.yaml: {reason}"),
            Self::Costs(reason) => format!("functions/costs.json: {reason}"),
            Self::Parameter(name) => {
                format!("path parameter {name} is not described in local/src/openapi/parameters.rs")
            }
            Self::Stale(paths) => {
                format!("not as generated: {}; run `cargo run -- generate`", paths.join(", "))
            }
            Self::Generated { path, reason } => format!("{path} cannot be generated: {reason}"),
            Self::Table(reason) => format!("the table does not answer as it should: {reason}"),
            Self::Configuration(reason) => reason.clone(),
            Self::Stream { name, reason } => format!("{name}: {reason}"),
            Self::LinesRefused { refused, lines } => {
                format!("refused lines: {refused} of {lines}")
            }
        };
        // Texts of other libraries may span lines; whoever reads this sees one.
        formatter.write_str(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn a_message_is_one_line_whatever_its_cause_says() {
        let error = Error::Table("first\nsecond\t third".to_owned());
        assert_eq!(error.to_string(), "the table does not answer as it should: first second third");
    }
}
