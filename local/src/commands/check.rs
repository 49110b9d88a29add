//! `check`: reports what is inconsistent in the table.

use std::io::{self, BufWriter};

use clap::Args;

use super::{Data, Target};
use crate::check::{Counts, TableCheck};
use crate::error::Error;

/// The arguments of `check`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    target: Target,
}

/// Writes the findings to standard output after the whole table has been read.
pub(crate) async fn run(arguments: &Arguments) -> Result<(), Error> {
    let (folder, environment, mut store) = arguments.data.open_table(&arguments.target).await?;
    let read = async {
        let mut check = TableCheck::of(&store.client, &store.table_name).await?;
        while check.read_page(&store.client).await? {
            store.take_turns(&folder, &environment).await?;
        }
        Ok(check.into_check())
    };
    let check = read.await;
    store.close().await;
    let Counts { items, findings } = check?.write(&mut BufWriter::new(io::stdout()))?;
    if findings > 0 {
        return Err(Error::Inconsistent { items, findings });
    }
    eprintln!("{items} items, 0 findings");
    Ok(())
}
