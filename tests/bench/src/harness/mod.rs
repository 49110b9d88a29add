//! Test harness for the functions: Lambda emulation, table, demo data and tokens.

pub(crate) mod crowd;
pub(crate) mod events;
pub(crate) mod fleet;
pub(crate) mod function;
mod lambda;
pub(crate) mod recording;
pub(crate) mod table;

use std::io::Cursor;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use local::engine;
use local::environment::Environment;
use local::import::{Importer, import_lines};
use local::keys::DevelopmentKeys;
use shared::clock::{Clock, Random};
use shared::operation::Operation;
use shared::operation::description::Success;
use tokio::net::TcpListener;

use self::events::Events;
use self::function::{Function, Program};
use self::recording::Recording;
use self::table::{Counts, TableServer};
use crate::Result;
use crate::building::programs;
use crate::limits::Cost;

/// Demo data of the local server.
pub(crate) const DEMO: &str = include_str!("../../../../local/src/demo/data.jsonl");

/// A table with the demo data, and everything that a function needs to use it.
pub(crate) struct Harness {
    /// The database of the engine, for access without the wire protocol.
    pub(crate) database: Database,
    /// The server through which the functions reach the table.
    pub(crate) table: TableServer,
    /// The events for the functions.
    pub(crate) events: Events,
    /// Name of the table.
    pub(crate) table_name: String,
    client: Client,
    environment: Environment,
    programs: PathBuf,
}

/// A valid request to an operation.
#[derive(Clone)]
pub(crate) struct Request {
    /// The operation.
    pub(crate) operation: &'static Operation,
    /// The calls that the request made to the table.
    pub(crate) counts: Counts,
    /// The recorded responses of the table.
    pub(crate) recording: Recording,
}

impl Harness {
    /// Creates a harness with a new in-memory table that contains the demo data.
    pub(crate) async fn open() -> Result<Self> {
        let keys = DevelopmentKeys::generate()?;
        let environment = events::environment(&keys)?;
        let database = Database::memory()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let client = engine::client(&endpoint);
        let table_name = environment.table_name().to_owned();
        local::table::make(&client, &table_name).await?;
        let harness = Self {
            database,
            table: TableServer::start(endpoint).await?,
            events: Events::new(keys, environment.clone()),
            table_name,
            client,
            environment,
            programs: programs()?,
        };
        harness.import(DEMO).await?;
        Ok(harness)
    }

    /// Imports lines into the table.
    pub(crate) async fn import(&self, lines: &str) -> Result<()> {
        import(&self.client, &self.environment, lines).await
    }

    /// Returns the function of an operation.
    pub(crate) fn function(&self, operation: &Operation) -> Program {
        self.program(operation.id, operation)
    }

    /// Returns `baseline-table` with the calls of an operation.
    pub(crate) fn baseline(&self, operation: &Operation) -> Program {
        self.program("baseline-table", operation)
    }

    /// Returns the program with this name, with the operation in its environment.
    pub(crate) fn program(&self, name: &str, operation: &Operation) -> Program {
        let lines = self.environment.lines(Some(&self.table.endpoint()));
        let pairs = lines.lines().filter_map(|line| line.split_once('='));
        let mut variables: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        variables.push((baseline::OPERATION.to_owned(), operation.id.to_owned()));
        Program { name: name.to_owned(), path: self.programs.join(name), tool: Vec::new(), variables }
    }

    /// Makes each request once to its baseline, replays the same table responses and counts the calls.
    pub(crate) async fn baseline_requests(&self, requests: &[Request]) -> Result<Vec<Request>> {
        let mut baselines = Vec::new();
        for Request { operation, recording, .. } in requests {
            self.table.play_and_count(recording.clone());
            let mut baseline = Function::start(&self.baseline(operation)).await?;
            baseline.ready().await?;
            self.table.counts();
            baseline.invoke_for(self.events.event(operation, 0)?, 204).await?;
            baseline.stop().await?;
            baselines.push(Request { operation, counts: self.table.counts(), recording: recording.clone() });
        }
        Ok(baselines)
    }

    /// Makes one valid request to each of these operations on the embedded engine and counts the calls.
    pub(crate) async fn requests(&self, operations: &[&'static Operation]) -> Result<Vec<Request>> {
        let mut requests = Vec::new();
        for &operation in operations {
            self.table.record(true);
            let mut function = Function::start(&self.function(operation)).await?;
            function.ready().await?;
            self.table.counts();
            let event = self.events.event(operation, 0)?;
            function.invoke_for(event, status(operation)).await?;
            let (counts, recording) = (self.table.counts(), self.table.recording());
            function.stop().await?;
            requests.push(Request { operation, counts, recording });
        }
        Ok(requests)
    }
}

/// Imports lines into the table of an environment, like the local program.
pub(crate) async fn import(client: &Client, environment: &Environment, lines: &str) -> Result<()> {
    let (client, settings) = (client.clone(), environment.config()?.settings);
    let table_name = environment.table_name();
    let importer = Importer::new(client, table_name, settings, Clock::system(), Random::system());
    let summary = import_lines(&importer, Cursor::new(lines.to_owned()), |_, _| {}).await?;
    if summary.refused > 0 {
        return Err(format!("import rejected {} lines", summary.refused).into());
    }
    Ok(())
}

impl Request {
    /// Returns the cost of the request at the table.
    pub(crate) fn cost(&self) -> Cost {
        let Counts { trips, calls, units } = &self.counts;
        Cost { trips: *trips, calls: calls.len(), read: units.read, write: units.write }
    }

    /// Returns true if the recorded responses can be replayed to further requests. A deletion reads what it has written at
    /// the key of its identifier, which differs each time.
    pub(crate) fn can_be_replayed(&self) -> bool {
        !matches!(self.operation.description.success, Success::Deletion)
    }

    /// Returns the sorted actions of the calls. The order of concurrent calls is not significant.
    pub(crate) fn calls(&self) -> Vec<&str> {
        let mut calls: Vec<_> = self.counts.calls.iter().map(|call| call.target.as_str()).collect();
        calls.sort_unstable();
        calls
    }

    /// Returns the number of bytes sent to the table, without HTTP headers.
    #[expect(clippy::cast_precision_loss, reason = "a request sends a few thousand bytes")]
    pub(crate) fn bytes(&self) -> f64 {
        self.counts.calls.iter().map(|call| call.body.len()).sum::<usize>() as f64
    }
}

/// Returns the success status of an operation.
pub(crate) fn status(operation: &Operation) -> u16 {
    match operation.description.success {
        Success::Ok(_) | Success::Entity(_) => 200,
        Success::Created(_) | Success::CreatedEntity(_) => 201,
        Success::NoContent | Success::Deletion => 204,
    }
}
