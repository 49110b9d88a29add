//! `engine`: the embedded DynamoDB alone, for other programs.

use clap::Args;

use super::{Data, print};
use crate::error::Error;
use crate::signals::Signals;
use crate::store::Store;

/// The arguments of `engine`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The port on 127.0.0.1; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep the data in memory; the development keys stay in the folder
    #[arg(long)]
    memory: bool,
}

/// Serves until it is told to stop. The first line on standard output is the
/// endpoint URL, written when the table can be used.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let (folder, _, environment) = arguments.data.open()?;
    let store = Store::served(&folder, &environment, arguments.memory, arguments.port).await?;
    print(&format!("{}\n", store.engine().unwrap_or_default()))?;
    signals.stop().await;
    store.close().await;
    Ok(())
}
