//! Load generator for the local server, the engine, and a server that only makes the same calls.
//!
//! It is a separate program, because it uses the allocator of the local program. With the C library's
//! allocator, direct callers of the engine would wait for each other. The functions and their host, however,
//! are measured with the C library's allocator.

mod connection;

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use baseline::calls::Calls;
use local::engine;
use local::environment::Environment;
use local::folder::DataFolder;
use local::keys::DevelopmentKeys;
use shared::clock::Random;
use shared::http::BASE_PATH;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use self::connection::Connection;
use crate::building::programs;
use crate::harness::events::Events;
use crate::harness::{DEMO, import};
use crate::measure::server::Rate;
use crate::{Result, moment};

/// Number of concurrent callers.
const CALLERS: u32 = 64;
/// Number of turns of each side.
const TURNS: usize = 5;
/// Duration of a turn.
const TURN: Duration = Duration::from_secs(2);
/// Operation, method, path and body of each request.
const OPERATIONS: [(&str, &str, &str, &str); 2] = [
    ("get-client", "GET", "/clients/100", ""),
    (
        "create-personal-question",
        "POST",
        "/100/personal-questions",
        r#"{"stateName":"active","content":{"EN":"What was your first pet called?"}}"#,
    ),
];

/// Measures the local server, the calls-only server and the direct calls, in alternating turns.
pub(crate) async fn rates() -> Result<Vec<Rate>> {
    let folder = tempfile::tempdir()?;
    let keys = DevelopmentKeys::of(&DataFolder::open(folder.path())?)?;
    let environment = Environment::new(&keys, [])?;
    let bearer = Events::new(keys, environment.clone()).root(0)?;
    let (_server, address) = start("serve", folder.path()).await?;
    // Each side has its own engine: a transaction costs more with each transaction of the last ten minutes.
    let (_calls_only_engine, calls_only) = start_engine(&environment).await?;
    let (_engine, direct) = start_engine(&environment).await?;
    let direct = engine::client(&direct);

    let random = Random::system();
    let mut rates = Vec::new();
    for (operation, method, path, body) in OPERATIONS {
        let calls = |client| {
            let calls = Calls::of(operation, client, environment.table_name().to_owned());
            calls.ok_or("unknown operation")
        };
        // The connections of a client belong to the threads that opened them.
        let (calls_only, direct) = (calls(engine::client(&calls_only))?, calls(direct.clone())?);
        let servers = [address, calls_only_server(calls_only).await?].map(|server| {
            let request = format!(
                "{method} {BASE_PATH}{path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {bearer}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            (server, request)
        });
        let mut counts: [Vec<f64>; 3] = Default::default();
        for _ in 0..TURNS {
            for ((server, request), counts) in servers.iter().zip(&mut counts) {
                let mut callers = Vec::new();
                for _ in 0..CALLERS {
                    callers.push(OverHttp(Connection::open(*server, request.clone()).await?));
                }
                counts.push(rate(callers).await?);
            }
            let callers = (0..CALLERS).map(|_| Direct { calls: direct.clone(), random: random.clone() });
            counts[2].push(rate(callers).await?);
        }
        let [server, calls_only, direct] = counts.map(moment::median_millis);
        rates.push(Rate { operation: operation.to_owned(), server, calls_only, direct });
    }
    Ok(rates)
}

/// Prints the rates as JSON, one per line.
pub(crate) fn print(rates: &[Rate]) -> Result<()> {
    for rate in rates {
        println!("{}", serde_json::to_string(rate)?);
    }
    Ok(())
}

/// Waits for the end of standard input. If the caller stops waiting earlier, the reading thread is leaked.
pub(crate) async fn input_ended() {
    let (end, ended) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        drop(end);
    });
    let _ = ended.await;
}

/// Starts an engine with the demo data and returns its process and endpoint.
///
/// The folder is needed only during the start. Dropping the process kills it.
async fn start_engine(environment: &Environment) -> Result<(Child, String)> {
    let folder = tempfile::tempdir()?;
    let (engine, endpoint) = start("engine", folder.path()).await?;
    let endpoint = format!("http://{endpoint}");
    import(&engine::client(&endpoint), environment, DEMO).await?;
    Ok((engine, endpoint))
}

/// Starts a server that makes only the table calls for each request, and returns its address.
///
/// It reads no token, has no rules and writes no log. It has two threads, like the load generator, and ends
/// with the process.
async fn calls_only_server(calls: Calls) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let listener = listener.into_std()?;
    let random = Random::system();
    let router = Router::new().fallback(move || {
        let (calls, id) = (calls.clone(), random.uuid());
        async move {
            let made = calls.make(&id).await;
            made.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::NO_CONTENT)
        }
    });
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async { axum::serve(TcpListener::from_std(listener)?, router).await })
    });
    Ok(address)
}

/// A caller that makes sequential calls.
trait Caller: Send + 'static {
    /// Makes a call and waits for the response.
    fn call(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// A caller of a server.
struct OverHttp(Connection);

impl Caller for OverHttp {
    async fn call(&mut self) -> Result<()> {
        match self.0.call().await? {
            200..300 => Ok(()),
            status => Err(format!("the server responded with {status}").into()),
        }
    }
}

/// A caller that makes an operation's table calls directly at the engine.
struct Direct {
    calls: Calls,
    random: Random,
}

impl Caller for Direct {
    async fn call(&mut self) -> Result<()> {
        self.calls.make(&self.random.uuid()).await
    }
}

/// Returns the total rate of all callers, in calls per second.
async fn rate(callers: impl IntoIterator<Item = impl Caller>) -> Result<f64> {
    let begin = moment::now();
    let mut calling = JoinSet::new();
    for mut caller in callers {
        calling.spawn(async move {
            let mut done = 0_u32;
            while begin.elapsed() < TURN {
                caller.call().await?;
                done += 1;
            }
            Ok::<_, crate::Error>(done)
        });
    }
    let mut done = 0;
    while let Some(caller) = calling.join_next().await {
        done += caller??;
    }
    Ok(f64::from(done) / begin.elapsed().as_secs_f64())
}

/// Starts the local program and returns its process and address, which it prints in its first line.
///
/// Dropping the process kills it.
async fn start(command: &str, folder: &Path) -> Result<(Child, SocketAddr)> {
    let mut child = Command::new(programs()?.join("local"))
        .args([command, "--memory", "--port=0", "--data"])
        .arg(folder)
        .env_remove("AWS_ENDPOINT_URL_DYNAMODB")
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().ok_or("the local program has no standard output")?;
    let mut lines = BufReader::new(output).lines();
    let line = lines.next_line().await?.ok_or("the local program has ended")?;
    // Drain the remaining output, so that the program never blocks on a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let address = line.split(' ').find_map(|word| word.strip_prefix("http://")).unwrap_or_default();
    Ok((child, address.trim_end_matches(',').parse()?))
}
