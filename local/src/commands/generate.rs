//! `generate`: writes the generated files of the repository.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::error::Error;
use crate::generate::{check, repository, write};

/// The arguments of `generate`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Root of the repository [default: the one this program was built from]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Write nothing, and fail if a file is out of date
    #[arg(long)]
    check: bool,
}

/// Writes the files and prints the paths of those that changed.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let root = arguments.root.clone().unwrap_or_else(repository);
    if arguments.check {
        return check(&root);
    }
    let paths = write(&root)?.into_iter().map(|change| change.path + "\n");
    print(&paths.collect::<String>())
}
