//! Access to the table of a command.

use std::pin::Pin;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use futures_util::FutureExt as _;
use shared::table::connection;
use tokio::time::{Sleep, sleep};

use crate::engine::{self, Engine};
use crate::environment::Environment;
use crate::error::Error;
use crate::folder::{DataFolder, FolderAccess, FolderLock};
use crate::table;

/// How long a command uses a directory at least before another program has its turn. Opening the table takes
/// a small part of this.
const MIN_TURN: Duration = Duration::from_millis(500);

/// A table, together with the engine and the lock that it requires.
#[derive(Debug)]
pub struct Store {
    /// The client for the table.
    pub client: Client,
    /// The name of the table.
    pub table_name: String,
    own: Option<Own>,
}

/// The engine that this program runs.
#[derive(Debug)]
struct Own {
    engine: Engine,
    lock: FolderLock,
    /// Completes when another program may have its turn.
    turn: Pin<Box<Sleep>>,
}

impl Own {
    fn new(engine: Engine, lock: FolderLock) -> Self {
        Self { engine, lock, turn: Box::pin(sleep(MIN_TURN)) }
    }

    /// Stops the engine and releases the directory.
    async fn close(self) {
        self.engine.stop().await;
        drop(self.lock);
    }
}

impl Store {
    /// Opens the table of the directory for a command that writes. Uses the engine of the program that serves
    /// the directory, or else starts one and creates the table.
    ///
    /// # Errors
    /// [`Error::FolderInUse`] if another command uses the directory. [`Error::DamagedData`],
    /// [`Error::DataFile`] and [`Error::Table`] if the data cannot be used.
    pub async fn of_folder(folder: &DataFolder, environment: &Environment) -> Result<Self, Error> {
        let store = Self::existing(folder, environment).await?;
        if store.own.is_some() {
            table::make(&store.client, &store.table_name).await?;
        }
        Ok(store)
    }

    /// Opens the table of the directory like [`of_folder`](Self::of_folder), but does not create it.
    ///
    /// # Errors
    /// The errors of [`of_folder`](Self::of_folder).
    pub async fn existing(folder: &DataFolder, environment: &Environment) -> Result<Self, Error> {
        let table_name = environment.table_name().to_owned();
        match folder.access().await? {
            FolderAccess::Shared(endpoint) => {
                Ok(Self { client: engine::client(&endpoint), table_name, own: None })
            }
            FolderAccess::Own(lock) => {
                let engine = Engine::file_on(&folder.data_file(), 0).await?;
                Ok(Self { client: engine.client(), table_name, own: Some(Own::new(engine, lock)) })
            }
        }
    }

    /// If another program waits for the directory, lets it have its turn and opens the table again. Commands
    /// that take long call this between their requests. Returns true if the client has changed.
    ///
    /// # Errors
    /// The errors of [`of_folder`](Self::of_folder).
    pub async fn take_turns(
        &mut self,
        folder: &DataFolder,
        environment: &Environment,
    ) -> Result<bool, Error> {
        let Some(mut own) = self.own.take() else { return Ok(false) };
        if own.turn.as_mut().now_or_never().is_none() || !own.lock.is_awaited()? {
            self.own = Some(own);
            return Ok(false);
        }
        own.close().await;
        *self = Self::existing(folder, environment).await?;
        Ok(true)
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
        let (engine, lock) = if memory {
            let lock = folder.own_if_unused().await?;
            (Engine::memory_on(port).await?, lock)
        } else {
            let lock = folder.own().await?;
            (Engine::file_on(&folder.data_file(), port).await?, lock)
        };
        let client = engine.client();
        table::make(&client, environment.table_name()).await?;
        lock.publish(engine.address())?;
        Ok(Self {
            client,
            table_name: environment.table_name().to_owned(),
            own: Some(Own::new(engine, lock)),
        })
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

    /// Returns the embedded engine, if this program runs one.
    #[must_use]
    pub fn engine(&self) -> Option<&Engine> {
        self.own.as_ref().map(|own| &own.engine)
    }

    /// Stops the engine and releases the directory, if this program runs the engine.
    pub async fn close(self) {
        if let Some(own) = self.own {
            own.close().await;
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
        assert!(used.engine().is_none());
        assert_eq!(table::is_empty(&used.client, &used.table_name).await.ok(), Some(true));
        served.close().await;

        let own = Store::of_folder(&folder, &environment).await.expect("opened");
        assert!(own.engine().is_some());
        assert_eq!(folder.running_engine().await.expect("known"), None);
        own.close().await;
    }
}
