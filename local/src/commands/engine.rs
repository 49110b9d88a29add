//! `engine`: starts only the embedded DynamoDB engine, for other programs.

use clap::Args;

use super::{Data, print};
use crate::engine::Engine;
use crate::error::Error;
use crate::signals::Signals;
use crate::store::Store;

/// The arguments of `engine`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Port on 127.0.0.1 (0 selects a free port)
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep the data in memory (the development keys are still stored in the data directory)
    #[arg(long)]
    memory: bool,
}

/// Serves until a signal requests a stop.
///
/// Prints the endpoint URL as the first line on standard output when the table is ready.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (folder, _, environment) = arguments.data.open()?;
    let store = Store::served(&folder, &environment, arguments.memory, arguments.port).await?;
    print(&format!("{}\n", store.engine().map(Engine::endpoint).unwrap_or_default()))?;
    signals.stop().await;
    store.close().await;
    Ok(())
}
