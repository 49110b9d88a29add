//! `openapi`: prints the API description.

use clap::Args;

use super::{Data, print};
use crate::error::Error;
use crate::openapi::{Server, describe};

/// The arguments of `openapi`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
}

/// Prints the API description for the configuration in the environment.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let (_, _, environment) = arguments.data.open()?;
    let description = describe(&environment.config()?.settings, &Server::local_run(), None)?;
    print(&format!("{description:#}\n"))
}
