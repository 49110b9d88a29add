//! `openapi`: prints the API description.

use clap::{Args, ValueEnum};

use super::{Data, print};
use crate::error::Error;
use crate::openapi::{Server, describe, version_3_0};

/// The arguments of `openapi`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Version of OpenAPI
    #[arg(long, value_enum, default_value = "3.1")]
    openapi_version: Version,
}

/// A version of OpenAPI.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Version {
    #[value(name = "3.1")]
    V3_1,
    #[value(name = "3.0")]
    V3_0,
}

/// Prints the API description for the configuration in the environment.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let (_, _, environment) = arguments.data.open()?;
    let description = describe(&environment.config()?.settings, &Server::local_run(), None)?;
    let description = match arguments.openapi_version {
        Version::V3_1 => description,
        Version::V3_0 => version_3_0(description),
    };
    print(&format!("{description:#}\n"))
}
