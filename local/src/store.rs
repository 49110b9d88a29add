//! Access to the table of a command.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use shared::table::connection;

use crate::engine::{self, Engine};
use crate::environment::Environment;
use crate::error::Error;
use crate::folder::{DataFolder, FolderAccess, FolderLock};
use crate::table;

/// A table, together with the engine and the lock that it requires.
#[derive(Debug)]
pub struct Store {
    /// The client for the table.
    pub client: Client,
    /// The name of the table.
    pub table_name: String,
    own: Option<(Engine, FolderLock)>,
}

impl Store {
    /// Opens the table of the directory for a short-lived command. Uses the engine of the program that serves
    /// the directory, or else starts one.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] if another command uses the directory. [`Error::DamagedData`],
    /// [`Error::DataFile`] and [`Error::Table`] if the data cannot be used.
    pub async fn of_folder(folder: &DataFolder, environment: &Environment) -> Result<Self, Error> {
        match folder.access().await? {
            FolderAccess::Shared(endpoint) => Ok(Self {
                client: engine::client(&endpoint),
                table_name: environment.table_name().to_owned(),
                own: None,
            }),
            FolderAccess::Own(lock) => {
                let engine = Engine::file_on(&folder.data_file(), 0).await?;
                Self::of_engine(engine, lock, environment).await
            }
        }
    }

    /// Opens the table of the directory for a program that serves it, and publishes its engine for other
    /// commands. With `memory`, the data file is not used.
    ///
    /// # Errors
    /// The errors of [`of_folder`](Self::of_folder), and [`Error::PortTaken`].
    pub async fn served(
        folder: &DataFolder,
        environment: &Environment,
        memory: bool,
        port: u16,
    ) -> Result<Self, Error> {
        let lock = folder.own().await?;
        let engine = if memory {
            Engine::memory_on(port).await?
        } else {
            Engine::file_on(&folder.data_file(), port).await?
        };
        let address = engine.address();
        let store = Self::of_engine(engine, lock, environment).await?;
        if let Some((_, lock)) = &store.own {
            lock.publish(address)?;
        }
        Ok(store)
    }

    async fn of_engine(engine: Engine, lock: FolderLock, environment: &Environment) -> Result<Self, Error> {
        let client = engine.client();
        table::make(&client, environment.table_name()).await?;
        Ok(Self { client, table_name: environment.table_name().to_owned(), own: Some((engine, lock)) })
    }

    /// Opens the table selected by the AWS SDK's configuration: profile, region, credentials, endpoint. Does
    /// not create the table.
    pub async fn configured(environment: &Environment) -> Self {
        let configuration = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Self {
            client: connection::client(Builder::from(&configuration)),
            table_name: environment.table_name().to_owned(),
            own: None,
        }
    }

    /// Returns the endpoint URL of the embedded engine, if this program runs one.
    #[must_use]
    pub fn engine(&self) -> Option<String> {
        self.own.as_ref().map(|(engine, _)| engine.endpoint())
    }

    /// Stops the engine and releases the directory, if this program runs the engine.
    pub async fn close(self) {
        if let Some((engine, lock)) = self.own {
            engine.stop().await;
            drop(lock);
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::Store;
    use crate::environment::Environment;
    use crate::folder::DataFolder;
    use crate::keys::DevelopmentKeys;
    use crate::table;

    #[tokio::test]
    async fn a_command_uses_the_engine_of_the_running_server() {
        let directory = tempdir().expect("a folder");
        let folder = DataFolder::open(directory.path()).expect("usable");
        let keys = DevelopmentKeys::of(&folder).expect("made");
        let environment = Environment::new(&keys, []).expect("complete");

        let served = Store::served(&folder, &environment, true, 0).await.expect("served");
        let used = Store::of_folder(&folder, &environment).await.expect("reached");
        assert_eq!(used.engine(), None);
        assert_eq!(table::is_empty(&used.client, &used.table_name).await.ok(), Some(true));
        served.close().await;

        let own = Store::of_folder(&folder, &environment).await.expect("opened");
        assert!(own.engine().is_some());
        assert_eq!(folder.running_engine().await.expect("known"), None);
        own.close().await;
    }
}
