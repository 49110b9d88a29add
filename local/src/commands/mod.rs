//! The commands of the program, one per file.

pub(crate) mod check;
pub(crate) mod engine;
pub(crate) mod environment;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod openapi;
pub(crate) mod serve;
pub(crate) mod token;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::environment::Environment;
use crate::error::Error;
use crate::folder::DataFolder;
use crate::keys::DevelopmentKeys;
use crate::store::Store;

/// The option that selects the data directory.
#[derive(Args, Debug)]
pub(crate) struct Data {
    /// Data directory, which also holds the development keys
    #[arg(long, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
}

impl Data {
    /// Opens the directory and its keys, and reads the configuration. Creates what is missing.
    fn open(&self) -> Result<(DataFolder, DevelopmentKeys, Environment), Error> {
        Self::read(DataFolder::open(&self.data)?)
    }

    /// Opens the directory like [`open`](Self::open), but fails if it does not exist. For commands that are
    /// useless without the data or the keys of an earlier one.
    fn existing(&self) -> Result<(DataFolder, DevelopmentKeys, Environment), Error> {
        Self::read(DataFolder::existing(&self.data)?)
    }

    /// Opens the table of `target` with the directory and the configuration.
    ///
    /// A local table must exist: the directory contains it, or a program serves it from there.
    async fn open_table(&self, target: &Target) -> Result<(DataFolder, Environment, Store), Error> {
        let is_remote = target.is_remote();
        if !is_remote {
            self.require_table().await?;
        }
        let (folder, _, environment) = self.open()?;
        let store = if is_remote {
            Store::configured(&environment).await
        } else {
            Store::existing(&folder, &environment).await?
        };
        Ok((folder, environment, store))
    }

    /// Checks that the directory contains a table, or that a program serves one from it.
    async fn require_table(&self) -> Result<(), Error> {
        let folder = DataFolder::existing(&self.data)?;
        if folder.data_file().exists() || folder.running_engine().await?.is_some() {
            return Ok(());
        }
        Err(Error::NoData { path: self.data.clone() })
    }

    fn read(folder: DataFolder) -> Result<(DataFolder, DevelopmentKeys, Environment), Error> {
        let keys = DevelopmentKeys::of(&folder)?;
        let environment = Environment::of_process(&keys)?;
        Ok((folder, keys, environment))
    }
}

/// The option that selects the table.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// Use the table selected by the AWS SDK's configuration (profile, region, credentials) instead of the
    /// local one (implied if the environment contains a DynamoDB endpoint URL)
    #[arg(long)]
    cloud: bool,
}

impl Target {
    /// Returns true if the table is not the one of the data directory.
    fn is_remote(&self) -> bool {
        self.cloud || Environment::process_has_endpoint()
    }
}

/// Writes to standard output.
fn print(text: &str) -> Result<(), Error> {
    let mut output = io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|reason| Error::Stream { name: "standard output".to_owned(), reason })
}
