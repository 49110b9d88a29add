//! The local server under many callers, beside the same calls made straight at the engine, and by a
//! server that does nothing else.

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use floors::calls::Calls;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local::engine;
use local::environment::Environment;
use local::folder::DataFolder;
use local::keys::DevelopmentKeys;
use shared::clock::Random;
use shared::http::BASE_PATH;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::runtime::{Builder, Runtime};

use crate::building::programs;
use crate::lab::events::Events;
use crate::lab::{DEMO, import};
use crate::{Result, moment};

/// How many call at a time.
const CALLERS: u32 = 64;
/// How often each side has its turn.
const TURNS: usize = 3;
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

type Answer = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Requests a second.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Of the local server.
    pub(crate) server: f64,
    /// Of a server that only makes the calls.
    pub(crate) bare: f64,
    /// Of the same calls, made straight at the engine.
    pub(crate) straight: f64,
}

/// Measures all three, in turn. The callers have two threads of their own.
pub(crate) fn measure() -> Result<Vec<Rate>> {
    let measured = std::thread::spawn(|| {
        let runtime = two_threads()?;
        runtime.block_on(rates())
    });
    measured.join().map_err(|_| "the callers panicked")?
}

fn two_threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

async fn rates() -> Result<Vec<Rate>> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let keys = DevelopmentKeys::of(&DataFolder::open(folders[0].path())?)?;
    let environment = Environment::new(&keys, [])?;
    let bearer = Events::new(keys, environment.clone()).root(0)?;
    let [server, engine] = [["serve", "--memory", "--port=0"], ["engine", "--memory", "--port=0"]];
    let (_server, line) = start(&server, folders[0].path()).await?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_default();
    let url = url.trim_end_matches(',').to_owned();
    let (_engine, endpoint) = start(&engine, folders[1].path()).await?;
    let client = engine::client(endpoint.trim());
    import(&client, &environment, DEMO).await?;

    let http = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let mut rates = Vec::new();
    for (operation, method, path, body) in OPERATIONS {
        let calls = Calls::of(operation, client.clone(), environment.table_name().to_owned());
        let calls = calls.ok_or("no such operation")?;
        let at = |url: &str| over_http(&http, (method, format!("{url}{BASE_PATH}{path}")), &bearer, body);
        let servers = [at(&url), at(&bare_server(calls.clone()).await?)];
        let random = Random::system();
        let straight = Arc::new(move || {
            let (calls, id) = (calls.clone(), random.uuid());
            async move { calls.make(&id).await }
        });
        let mut counts: [Vec<f64>; 3] = Default::default();
        for _ in 0..TURNS {
            for (server, counts) in servers.iter().zip(&mut counts) {
                counts.push(rate(server).await?);
            }
            counts[2].push(rate(&straight).await?);
        }
        let [server, bare, straight] = counts.map(moment::median_millis);
        rates.push(Rate { operation, server, bare, straight });
    }
    Ok(rates)
}

/// A server that makes the calls for whatever it is asked, and nothing else: no token, no rules, no log.
/// Returns where it is. It has as many threads of its own as the local server, and ends with the process.
async fn bare_server(calls: Calls) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = listener.into_std()?;
    let random = Random::system();
    let router = Router::new().fallback(move || {
        let (calls, id) = (calls.clone(), random.uuid());
        async move {
            let made = calls.make(&id).await;
            made.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::NO_CONTENT)
        }
    });
    let runtime = two_threads()?;
    std::thread::spawn(move || {
        runtime.block_on(async { axum::serve(TcpListener::from_std(listener)?, router).await })
    });
    Ok(url)
}

/// A request to a server, made over and over.
fn over_http(
    http: &Client<HttpConnector, Body>,
    (method, url): (&'static str, String),
    bearer: &str,
    body: &'static str,
) -> Arc<impl Fn() -> Answer + Send + Sync + use<>> {
    let (http, authorization) = (http.clone(), format!("Bearer {bearer}"));
    Arc::new(move || {
        let request = Request::builder().method(method).uri(&url).header("authorization", &authorization);
        let request = request.header("content-type", "application/json").body(Body::from(body));
        let http = http.clone();
        let answer: Answer = Box::pin(async move {
            let response = http.request(request?).await?;
            let status = response.status();
            response.into_body().collect().await?;
            if status.is_success() { Ok(()) } else { Err(format!("the server answers {status}").into()) }
        });
        answer
    })
}

/// How many calls a second all callers make together.
async fn rate<C, F>(call: &Arc<C>) -> Result<f64>
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let done = Arc::new(AtomicU64::new(0));
    let begin = moment::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (call, done) = (Arc::clone(call), Arc::clone(&done));
            tokio::spawn(async move {
                while begin.elapsed() < TURN {
                    call().await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
            })
        })
        .collect();
    for caller in callers {
        caller.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "nobody makes so many calls in some seconds")]
    let done = done.load(Ordering::Relaxed) as f64;
    Ok(done / begin.elapsed().as_secs_f64())
}

/// Starts the local program; returns it with the first line that it writes. It ends with the value.
async fn start(arguments: &[&str], folder: &std::path::Path) -> Result<(Child, String)> {
    let mut child = Command::new(programs()?.join("local"))
        .args(arguments)
        .arg("--data")
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
    Ok((child, line))
}
