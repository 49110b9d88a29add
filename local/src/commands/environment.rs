//! `env`: prints the environment variables of the functions' binaries.

use clap::Args;

use super::{Data, print};
use crate::error::Error;

/// The arguments of `env`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
}

/// Prints one `NAME=value` per line.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let (folder, _, environment) = arguments.data.existing()?;
    let engine = folder.running_engine().await?;
    if engine.is_none() && environment.endpoint().is_none() {
        eprintln!(
            "note: no engine is running on {}; AWS_ENDPOINT_URL_DYNAMODB is omitted",
            folder.path().display()
        );
    }
    print(&environment.lines(engine.as_deref()))
}
