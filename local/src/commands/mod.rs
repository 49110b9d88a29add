//! What the program can be told to do, one command a file.

pub(crate) mod engine;
pub(crate) mod environment;
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

/// Where the local data and the development keys are.
#[derive(Args, Debug)]
pub(crate) struct Data {
    /// The folder that holds the data and the development keys; made when it is missing
    #[arg(long, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
}

impl Data {
    /// The folder, its keys and the configuration that goes with them; what is
    /// missing is made.
    fn open(&self) -> Result<(DataFolder, DevelopmentKeys, Environment), Error> {
        let folder = DataFolder::open(&self.data)?;
        let keys = DevelopmentKeys::of(&folder)?;
        let environment = Environment::of_process(&keys)?;
        Ok((folder, keys, environment))
    }
}

/// Which table a command works on.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// Work on the table that the SDK's own configuration leads to (profile, region, credentials),
    /// not on the folder's; done too where the environment names an endpoint
    #[arg(long)]
    cloud: bool,
}

impl Target {
    async fn open(&self, folder: &DataFolder, environment: &Environment) -> Result<Store, Error> {
        if self.cloud || environment.endpoint().is_some() {
            Ok(Store::configured(environment).await)
        } else {
            Store::of_folder(folder, environment).await
        }
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
