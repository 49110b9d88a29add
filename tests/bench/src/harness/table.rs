//! Table server in front of the embedded engine, which counts calls and replays responses.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

use super::recording::{Call, Recording, Units, units};
use crate::Result;

/// Delay of responses while trips are counted, so that concurrent calls overlap.
const HOLD: Duration = Duration::from_millis(40);
/// Maximum size of a call in bytes.
const MAX_BYTES: usize = 16 << 20;

/// The calls that arrived at the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Number of trips. Trips are sequential, and the calls of a trip are concurrent.
    pub(crate) trips: u32,
    /// The calls.
    pub(crate) calls: Vec<Call>,
    /// Consumed units, as reported in the responses.
    pub(crate) units: Units,
}

/// How the server handles a call.
enum Mode {
    /// Forwards the call to the engine and records the response.
    Forward { recording: Recording, hold: Duration },
    /// Replays the recorded response, with a delay only while trips are counted.
    Replay { recording: Recording, hold: Option<Duration> },
}

/// Where the response to a call comes from.
enum Source {
    Recording(Bytes),
    Engine,
    Missing,
}

struct Shared {
    engine: String,
    client: Client<HttpConnector, Body>,
    tracker: Mutex<Tracker>,
}

struct Tracker {
    mode: Mode,
    counts: Counts,
    in_flight: u32,
}

/// The table server.
pub(crate) struct TableServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl TableServer {
    /// Starts a server in front of the engine at this address. Initially, it forwards every call.
    pub(crate) async fn start(engine: String) -> Result<Self> {
        let mode = Mode::Forward { recording: Recording::default(), hold: Duration::ZERO };
        let tracker = Mutex::new(Tracker { mode, counts: Counts::default(), in_flight: 0 });
        let client = Client::builder(TokioExecutor::new()).build_http();
        let shared = Arc::new(Shared { engine, client, tracker });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    /// Returns the endpoint URL for the functions.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Forwards calls and records their responses. Delays the responses if `count_trips` is true.
    pub(crate) fn record(&self, count_trips: bool) {
        let hold = if count_trips { HOLD } else { Duration::ZERO };
        self.shared.tracker().mode = Mode::Forward { recording: Recording::default(), hold };
    }

    /// Replays these responses without delay.
    pub(crate) fn play(&self, recording: Recording) {
        self.shared.tracker().mode = Mode::Replay { recording, hold: None };
    }

    /// Replays these responses with a delay, so that trips can be counted.
    pub(crate) fn play_and_count(&self, recording: Recording) {
        self.shared.tracker().mode = Mode::Replay { recording, hold: Some(HOLD) };
    }

    /// Returns the recorded responses.
    pub(crate) fn recording(&self) -> Recording {
        match &self.shared.tracker().mode {
            Mode::Forward { recording, .. } | Mode::Replay { recording, .. } => recording.clone(),
        }
    }

    /// Returns the calls since the previous call of this method, and resets them.
    pub(crate) fn counts(&self) -> Counts {
        std::mem::take(&mut self.shared.tracker().counts)
    }
}

impl Shared {
    fn tracker(&self) -> MutexGuard<'_, Tracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forwards a call to the engine and returns its response.
    async fn engine(&self, head: &axum::http::request::Parts, body: Bytes) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder().method(&head.method).uri(format!("{}/", self.engine));
        for (name, value) in head.headers.iter().filter(|(name, _)| *name != header::HOST) {
            request = request.header(name, value);
        }
        let response = self.client.request(request.body(Body::from(body))?).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

impl Tracker {
    /// Records the start of a call. Returns the delay of its response and where the response comes from.
    fn begin(&mut self, call: &Call) -> (Option<Duration>, Source) {
        self.counts.trips += u32::from(self.in_flight == 0);
        self.in_flight += 1;
        let (hold, source) = match &self.mode {
            Mode::Replay { recording, hold } => {
                (*hold, recording.response(call).map_or(Source::Missing, Source::Recording))
            }
            Mode::Forward { hold, .. } => (Some(*hold), Source::Engine),
        };
        // While times are measured, thousands of calls arrive. They are not stored.
        if hold.is_some() {
            self.counts.calls.push(call.clone());
        }
        (hold, source)
    }

    fn end(&mut self, call: Call, response: &Bytes) {
        self.in_flight -= 1;
        if let Mode::Forward { recording, .. } = &mut self.mode {
            let units = units(&call.target, response);
            self.counts.units.read += units.read;
            self.counts.units.write += units.write;
            recording.add(call, response.clone());
        }
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BYTES).await else { return failure("incomplete request body") };
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let target = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
    let call = Call { target, body };
    let (hold, source) = shared.tracker().begin(&call);
    let (status, response) = match source {
        Source::Recording(response) => (StatusCode::OK, response),
        Source::Missing => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::from_static(b"{}")),
        Source::Engine => match shared.engine(&head, call.body.clone()).await {
            Ok(response) => response,
            Err(error) => return failure(&error.to_string()),
        },
    };
    if let Some(hold) = hold.filter(|hold| !hold.is_zero()) {
        tokio::time::sleep(hold).await;
    }
    shared.tracker().end(call, &response);
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], response).into_response()
}

fn failure(reason: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, reason.to_owned()).into_response()
}
