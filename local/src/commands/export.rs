//! `export`: writes the table as JSON Lines.

use std::io::{self, BufWriter};

use clap::Args;
use shared::ids::ClientExtId;

use super::{Data, Target};
use crate::error::Error;
use crate::export::export_lines;

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

/// Writes the lines to standard output.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let (folder, _, environment) = arguments.data.open()?;
    let store = arguments.target.open(&folder, &environment).await?;
    let client = arguments.client.as_deref().map(ClientExtId::unchecked);
    let mut output = BufWriter::new(io::stdout());
    let exported = export_lines(store.client.clone(), &store.table_name, client.as_ref(), &mut output).await;
    store.close().await;
    exported
}
