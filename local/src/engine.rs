//! The embedded DynamoDB engine, accessed over HTTP like DynamoDB.

use std::error;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::errors::DynoxideError;
use dynoxide::server::serve_with_shutdown;
use shared::table::connection;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::data_file;
use crate::error::Error;
use crate::serving::{address_of, listen, until_stopped};

/// The region for requests to the engine. The engine accepts any region.
pub const REGION: &str = "eu-central-1";

/// The access key ID and the secret access key for requests to the engine. The engine does not check them.
pub const ACCESS_KEY: &str = "local";

/// The maximum number of records of the stream that are read together, as by the deployed job.
const MAX_RECORDS: usize = 100;

/// How long a stop waits for requests in progress.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A running engine on a port of the loopback interface.
///
/// [`stop`](Self::stop) stops the engine and waits until it has stopped. Dropping the value stops it without
/// waiting.
///
/// The engine runs on one dedicated thread. It has a single `SQLite` connection behind a lock, so more
/// threads would only block each other.
pub struct Engine {
    address: SocketAddr,
    database: Database,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Engine").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts an engine that keeps its data in memory, on a free port.
    ///
    /// # Errors
    /// [`Error::Table`] if the engine cannot be started, [`Error::Listen`] if no port is free.
    pub async fn memory() -> Result<Self, Error> {
        Self::memory_on(0).await
    }

    /// Starts an engine that keeps its data in memory, on `port` (0 selects a free port).
    ///
    /// # Errors
    /// The errors of [`memory`](Self::memory), and [`Error::PortTaken`].
    pub async fn memory_on(port: u16) -> Result<Self, Error> {
        let listener = listen(port).await?;
        let database =
            Database::memory().map_err(|error| Error::table("the engine cannot be started", &error))?;
        Self::start(listener, database)
    }

    /// Starts an engine on the data file at `path`, on `port` (0 selects a free port). Creates the file if it
    /// does not exist. The caller must hold the lock of the data directory.
    ///
    /// Every acknowledged write is durable: the engine commits it to SQLite's write-ahead log and flushes the
    /// log to disk (`journal_mode` `WAL`, `synchronous` `FULL`) before it responds.
    ///
    /// # Errors
    /// [`Error::DamagedData`] if the file is not an intact database, [`Error::DataFile`] if it cannot be
    /// opened, [`Error::PortTaken`] and [`Error::Listen`] if the engine cannot listen on the port.
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
        let start = |error| Error::table("the engine cannot be started", &error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(start)?;
        let (stop, stop_request) = oneshot::channel();
        let (end, stopped) = oneshot::channel();
        let served = database.clone();
        let run = move || {
            // If the engine fails, its clients get errors.
            let _ = runtime.block_on(serve(listener, served, stop_request));
            // Open connections keep the database open. Dropping the runtime closes them, and then the database.
            drop(runtime);
            drop(end);
        };
        thread::Builder::new().name("engine".to_owned()).spawn(run).map_err(start)?;
        Ok(Self { address, database, stop, stopped })
    }

    /// Returns the address on which the engine listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the endpoint URL of the engine, for `AWS_ENDPOINT_URL_DYNAMODB`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns a client of this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        client(&self.endpoint())
    }

    /// Writes the content to a new data file at `path`.
    ///
    /// # Errors
    /// [`Error::Table`] if the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let saved = self.database.vacuum_into(&path.to_string_lossy());
        saved.map_err(|error| Error::table("the data cannot be saved", &error))
    }

    /// Replaces the content with that of the data file at `path`.
    ///
    /// # Errors
    /// [`Error::Table`] if the file is no data file, or cannot be read.
    pub fn restore(&self, path: &Path) -> Result<(), Error> {
        let restored = self.database.restore_from(&path.to_string_lossy());
        restored.map_err(|error| Error::table("the data cannot be restored", &error))
    }

    /// Returns records of the stream of a table after a position, at most 100, in the form in which Lambda delivers them.
    /// A table without a stream has none.
    ///
    /// # Errors
    /// [`Error::Table`] if the stream cannot be read.
    pub fn stream(&self, table: &str, after: Option<&str>) -> Result<Vec<u8>, Error> {
        let failed =
            |error: &(dyn error::Error + 'static)| Error::table("reading the stream of the table", error);
        let records = self.records(table, after).map_err(|error| failed(&error))?;
        serde_json::to_vec(&records).map_err(|error| failed(&error))
    }

    fn records(&self, table: &str, after: Option<&str>) -> Result<GetRecordsResponse, DynoxideError> {
        let request = ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() };
        let Some(stream) = self.database.list_streams(request)?.streams.into_iter().next() else {
            return Ok(GetRecordsResponse::default());
        };
        let stream_arn = stream.stream_arn;
        let request = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..Default::default() };
        let shards = self.database.describe_stream(request)?.stream_description.shards;
        let Some(shard) = shards.into_iter().next() else { return Ok(GetRecordsResponse::default()) };
        let shard_iterator_type = if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let iterator = self.database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn,
            shard_id: shard.shard_id,
            shard_iterator_type: shard_iterator_type.to_owned(),
            sequence_number: after.map(str::to_owned),
        })?;
        let shard_iterator = iterator.shard_iterator.unwrap_or_default();
        self.database.get_records(GetRecordsRequest { shard_iterator, limit: Some(MAX_RECORDS) })
    }

    /// Stops the engine. Waits at most five seconds for requests in progress, then closes the data file.
    pub async fn stop(self) {
        // Both calls fail only if the engine has already stopped.
        let Self { database, stop, stopped, .. } = self;
        drop(database);
        let _ = stop.send(());
        let _ = stopped.await;
    }
}

/// Serves until a stop is requested, then waits for requests in progress for a limited time.
async fn serve(
    listener: std::net::TcpListener,
    database: Database,
    stop_request: oneshot::Receiver<()>,
) -> Result<(), String> {
    let listener = TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    // A dropped sender also requests a stop.
    let serve = |stopped: oneshot::Receiver<()>| {
        serve_with_shutdown(listener, database, async {
            let _ = stopped.await;
        })
    };
    until_stopped(stop_request, STOP_TIMEOUT, serve).await
}

/// Returns a client of the engine at the endpoint URL `endpoint`.
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
    async fn data_survives_a_restart() {
        let directory = tempdir().expect("a folder");
        let path = directory.path().join("table.sqlite");
        let first = Engine::file_on(&path, 0).await.expect("started");
        table::make(&first.client(), "table").await.expect("made");
        first.stop().await;

        let second = Engine::file_on(&path, 0).await.expect("started");
        assert!(table::is_empty(&second.client(), "table").await.expect("there"));
    }

    #[tokio::test]
    async fn creating_an_existing_table_has_no_effect() {
        let engine = Engine::memory().await.expect("started");
        table::make(&engine.client(), "table").await.expect("made");
        table::make(&engine.client(), "table").await.expect("found");
    }

    #[tokio::test]
    async fn dropping_an_engine_stops_it() {
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
    async fn a_port_in_use_is_reported() {
        let engine = Engine::memory().await.expect("started");
        let port = engine.address().port();
        let error = Engine::memory_on(port).await.expect_err("taken");
        assert_eq!(
            error.to_string(),
            format!("port {port} of 127.0.0.1 is in use; choose another one with --port")
        );
    }
}
