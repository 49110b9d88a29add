//! The embedded DynamoDB engine, spoken to over its wire protocol.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use dynoxide::server::serve_with_shutdown;
use shared::table::connection;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::data_file;
use crate::error::Error;
use crate::serving::{address_of, listen, until_wished};

/// The region that the engine is addressed in; it takes any.
pub const REGION: &str = "eu-central-1";

/// The access key, and the secret, that the engine is spoken to with; it takes
/// any and checks none.
pub const ACCESS_KEY: &str = "local";

/// How long a stop waits for requests that are under way.
const STOP_TIME: Duration = Duration::from_secs(5);

/// A running engine, on a port of the loopback interface. It stops with a [`stop`](Self::stop), or when
/// this value is dropped, for which nobody waits.
///
/// It runs on one thread of its own. It has one connection to `SQLite`, behind a lock: more threads would
/// wait for each other there, and what else they have to do would wait with them.
#[derive(Debug)]
pub struct Engine {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl Engine {
    /// Starts an engine that keeps its data in memory, on a free port.
    ///
    /// # Errors
    /// [`Error::Table`] when the engine does not start, [`Error::Listen`] when
    /// no port is free.
    pub async fn memory() -> Result<Self, Error> {
        Self::memory_on(0).await
    }

    /// Starts an engine that keeps its data in memory, on `port` (0: a free one).
    ///
    /// # Errors
    /// As [`memory`](Self::memory), and [`Error::PortTaken`].
    pub async fn memory_on(port: u16) -> Result<Self, Error> {
        let listener = listen(port).await?;
        let database =
            Database::memory().map_err(|error| Error::table("the engine does not start", &error))?;
        Self::start(listener, database)
    }

    /// Starts an engine on the data file at `path`, which is made when it is not
    /// there, on `port` (0: a free one). The caller holds the data folder's lock.
    ///
    /// An answered write is in the file, whatever happens to this process: the
    /// engine commits each one to SQLite's write-ahead log, synchronised to the
    /// disk (`journal_mode` `WAL`, `synchronous` `FULL`), before it answers.
    ///
    /// # Errors
    /// [`Error::DamagedData`] when the file is no sound database,
    /// [`Error::DataFile`] when it cannot be opened, [`Error::PortTaken`] and
    /// [`Error::Listen`] when the port cannot be had.
    pub async fn file_on(path: &Path, port: u16) -> Result<Self, Error> {
        let listener = listen(port).await?;
        data_file::check(path)?;
        let unusable = |reason: String| Error::DataFile { path: path.to_owned(), reason };
        let name = path.to_str().ok_or_else(|| unusable("its name is not UTF-8".to_owned()))?;
        let database = Database::new(name).map_err(|error| unusable(error.to_string()))?;
        Self::start(listener, database)
    }

    fn start(listener: TcpListener, database: Database) -> Result<Self, Error> {
        let address = address_of(&listener)?;
        let unusable = |reason| Error::Listen { port: address.port(), reason };
        let listener = listener.into_std().map_err(unusable)?;
        let start = |error| Error::table("the engine does not start", &error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(start)?;
        let (stop, wish) = oneshot::channel();
        let (end, stopped) = oneshot::channel();
        let run = move || {
            // When it fails, those that call it notice.
            let _ = runtime.block_on(serve(listener, database, wish));
            // Connections hold the database: it is closed when they are gone, and only then the end is told.
            drop(runtime);
            drop(end);
        };
        thread::Builder::new().name("engine".to_owned()).spawn(run).map_err(start)?;
        Ok(Self { address, stop, stopped })
    }

    /// Where the engine listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The engine's endpoint, as `AWS_ENDPOINT_URL_DYNAMODB` takes it.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        client(&self.endpoint())
    }

    /// Stops the engine: requests under way are answered, for at most five
    /// seconds, then the data file is closed.
    pub async fn stop(self) {
        // Neither can fail in a way that matters to somebody who stops: an engine
        // that ended before is stopped.
        let _ = self.stop.send(());
        let _ = self.stopped.await;
    }
}

/// Serves until there is a wish to stop. Requests that are under way then have some time to be answered.
async fn serve(
    listener: std::net::TcpListener,
    database: Database,
    wish: oneshot::Receiver<()>,
) -> Result<(), String> {
    let listener = TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    // A sender that is dropped is a wish to stop, too.
    let serve = |stopped: oneshot::Receiver<()>| {
        serve_with_shutdown(listener, database, async {
            let _ = stopped.await;
        })
    };
    until_wished(wish, STOP_TIME, serve).await
}

/// A client of the engine at the endpoint URL `endpoint`, with the credentials
/// that every engine of this program takes.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let credentials = Credentials::new(ACCESS_KEY, ACCESS_KEY, None, None, "local");
    let configuration = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(credentials)
        .endpoint_url(endpoint);
    connection::client(configuration)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::tempdir;
    use tokio::net::TcpStream;
    use tokio::time::sleep;

    use super::Engine;
    use crate::table;

    #[tokio::test]
    async fn what_one_engine_wrote_the_next_one_finds() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("table.sqlite");
        let first = Engine::file_on(&path, 0).await.expect("started");
        table::make(&first.client(), "table").await.expect("made");
        first.stop().await;

        let second = Engine::file_on(&path, 0).await.expect("started");
        assert!(table::is_empty(&second.client(), "table").await.expect("there"));
    }

    #[tokio::test]
    async fn a_table_is_made_once() {
        let engine = Engine::memory().await.expect("started");
        table::make(&engine.client(), "table").await.expect("made");
        table::make(&engine.client(), "table").await.expect("found");
    }

    #[tokio::test]
    async fn an_engine_that_nobody_holds_is_gone() {
        let engine = Engine::memory().await.expect("started");
        let address = engine.address();
        TcpStream::connect(address).await.expect("it listens");
        drop(engine);
        for _ in 0..1_000 {
            if TcpStream::connect(address).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("it still listens");
    }

    #[tokio::test]
    async fn a_taken_port_is_named() {
        let engine = Engine::memory().await.expect("started");
        let port = engine.address().port();
        let error = Engine::memory_on(port).await.expect_err("taken");
        assert_eq!(
            error.to_string(),
            format!("port {port} of 127.0.0.1 is taken; choose another one with --port")
        );
    }
}
