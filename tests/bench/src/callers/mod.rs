//! Callers of the local server, of the engine itself, and of a server that only makes the same calls.
//!
//! A program of their own, with the allocator of the local program: with the C library's, those that call
//! the engine wait for each other, while the functions and their host are to be measured with that.

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

/// How many call at a time.
const CALLERS: u32 = 64;
/// How often each side has its turn.
const TURNS: usize = 5;
/// How long a turn is.
const TURN: Duration = Duration::from_secs(2);
/// What is called.
const OPERATIONS: [(&str, &str, &str, &str); 2] = [
    ("get-client", "GET", "/clients/100", ""),
    (
        "create-personal-question",
        "POST",
        "/100/personal-questions",
        r#"{"stateName":"active","content":{"EN":"What was your first pet called?"}}"#,
    ),
];

/// Measures all three, in turn.
pub(crate) async fn rates() -> Result<Vec<Rate>> {
    let folder = tempfile::tempdir()?;
    let keys = DevelopmentKeys::of(&DataFolder::open(folder.path())?)?;
    let environment = Environment::new(&keys, [])?;
    let bearer = Events::new(keys, environment.clone()).root(0)?;
    let (_server, address) = start("serve", folder.path()).await?;
    // An engine each: what a transaction costs grows with those of the last ten minutes.
    let (_bare_engine, bare) = start_engine(&environment).await?;
    let (_engine, straight) = start_engine(&environment).await?;
    let straight = engine::client(&straight);

    let random = Random::system();
    let mut rates = Vec::new();
    for (operation, method, path, body) in OPERATIONS {
        let calls = |client| {
            let calls = Calls::of(operation, client, environment.table_name().to_owned());
            calls.ok_or("no such operation")
        };
        // A client's connections belong to the threads that have opened them.
        let (bare, straight) = (calls(engine::client(&bare))?, calls(straight.clone())?);
        let servers = [address, bare_server(bare).await?].map(|server| {
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
            let callers = (0..CALLERS).map(|_| Straight { calls: straight.clone(), random: random.clone() });
            counts[2].push(rate(callers).await?);
        }
        let [server, bare, straight] = counts.map(moment::median_millis);
        rates.push(Rate { operation: operation.to_owned(), server, bare, straight });
    }
    Ok(rates)
}

/// Writes the rates to standard output, a line each.
pub(crate) fn print(rates: &[Rate]) -> Result<()> {
    for rate in rates {
        println!("{}", serde_json::to_string(rate)?);
    }
    Ok(())
}

/// Waits until nothing more can come from standard input. A thread that still waits for it is left behind.
pub(crate) async fn input_ended() {
    let (end, ended) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        drop(end);
    });
    let _ = ended.await;
}

/// Starts an engine with the demo data in it, for which a folder is only needed to start; returns it with
/// its endpoint. It ends with the value.
async fn start_engine(environment: &Environment) -> Result<(Child, String)> {
    let folder = tempfile::tempdir()?;
    let (engine, endpoint) = start("engine", folder.path()).await?;
    let endpoint = format!("http://{endpoint}");
    import(&engine::client(&endpoint), environment, DEMO).await?;
    Ok((engine, endpoint))
}

/// A server that makes the calls for whatever it is asked, and nothing else: no token, no rules, no log.
/// Returns where it is. It has two threads, as the callers have, and ends with the process.
async fn bare_server(calls: Calls) -> Result<SocketAddr> {
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

/// Who makes one call after the other.
trait Caller: Send + 'static {
    /// Makes a call, and waits for the answer.
    fn call(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// Who calls a server.
struct OverHttp(Connection);

impl Caller for OverHttp {
    async fn call(&mut self) -> Result<()> {
        match self.0.call().await? {
            200..300 => Ok(()),
            status => Err(format!("the server answers {status}").into()),
        }
    }
}

/// Who makes an operation's calls straight at the engine.
struct Straight {
    calls: Calls,
    random: Random,
}

impl Caller for Straight {
    async fn call(&mut self) -> Result<()> {
        self.calls.make(&self.random.uuid()).await
    }
}

/// How many calls a second all callers make together.
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

/// Starts the local program; returns it with where it listens, as its first line tells. It ends with the
/// value.
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
    let output = child.stdout.take().ok_or("no output")?;
    let mut lines = BufReader::new(output).lines();
    let line = lines.next_line().await?.ok_or("the local program has ended")?;
    // What it writes besides is read, so that it never waits.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let address = line.split(' ').find_map(|word| word.strip_prefix("http://")).unwrap_or_default();
    Ok((child, address.trim_end_matches(',').parse()?))
}
