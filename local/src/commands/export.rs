//! `export`: writes the table as JSON Lines.

use std::io::{self, BufWriter};

use clap::Args;
use shared::ids::ClientExtId;

use super::{Data, Target};
use crate::error::Error;
use crate::export::Export;

/// The arguments of `export`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    target: Target,
    /// Export only this client, and the objects above clients (terms, and properties of all clients)
    #[arg(long)]
    client: Option<String>,
}

/// Writes the lines to standard output after the whole table has been read.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let (folder, environment, mut store) = arguments.data.open_table(&arguments.target).await?;
    let only = arguments.client.as_deref().map(ClientExtId::unchecked);
    let read = async {
        let mut export = Export::of(&store.client, &store.table_name, only).await?;
        while export.read_page(&store.client).await? {
            store.take_turns(&folder, &environment).await?;
        }
        Ok(export)
    };
    let export = read.await;
    store.close().await;
    export?.write(&mut BufWriter::new(io::stdout()))
}
