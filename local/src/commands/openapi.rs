//! `openapi`: the description of the API.

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

/// Prints the description, as the variables of the functions configure the API.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let (_, _, environment) = arguments.data.open()?;
    let description = describe(&environment.config()?.settings, &Server::local_run(), None)?;
    print(&format!("{description:#}\n"))
}
