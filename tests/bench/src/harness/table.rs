//! The table, as the functions reach it: a server that counts, in front of the embedded engine.

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

/// How long an answer is held back while trips are counted: calls that belong together overlap then.
const HOLD: Duration = Duration::from_millis(40);
/// No call is larger.
const MAX_BYTES: usize = 16 << 20;

/// What came over the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Rounds of calls, one after the other.
    pub(crate) trips: u32,
    /// The calls.
    pub(crate) calls: Vec<Call>,
    /// What the answers tell of the capacity that was consumed.
    pub(crate) units: Units,
}

/// What the server does with a call.
enum Mode {
    /// Lets it through, and records the answer.
    Through { recording: Recording, hold: Duration },
    /// Answers it; at once unless trips are counted.
    Canned { recording: Recording, hold: Option<Duration> },
}

/// Who knows the answer to a call.
enum Known {
    Answer(Bytes),
    ByTheEngine,
    Never,
}

struct Shared {
    engine: String,
    client: Client<HttpConnector, Body>,
    seen: Mutex<Seen>,
}

struct Seen {
    mode: Mode,
    counts: Counts,
    under_way: u32,
}

/// The server.
pub(crate) struct TableServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl TableServer {
    /// A server in front of the engine at this address. At first it lets everything through.
    pub(crate) async fn start(engine: String) -> Result<Self> {
        let mode = Mode::Through { recording: Recording::default(), hold: Duration::ZERO };
        let seen = Mutex::new(Seen { mode, counts: Counts::default(), under_way: 0 });
        let client = Client::builder(TokioExecutor::new()).build_http();
        let shared = Arc::new(Shared { engine, client, seen });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, shared })
    }

    /// Where the functions find it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on calls go through, and their answers are recorded. They are held back where trips
    /// are to be counted.
    pub(crate) fn record(&self, count_trips: bool) {
        let hold = if count_trips { HOLD } else { Duration::ZERO };
        self.shared.seen().mode = Mode::Through { recording: Recording::default(), hold };
    }

    /// From now on these answers come at once.
    pub(crate) fn play(&self, recording: Recording) {
        self.shared.seen().mode = Mode::Canned { recording, hold: None };
    }

    /// From now on these answers come, held back, so that trips can be counted.
    pub(crate) fn play_and_count(&self, recording: Recording) {
        self.shared.seen().mode = Mode::Canned { recording, hold: Some(HOLD) };
    }

    /// What was recorded.
    pub(crate) fn recording(&self) -> Recording {
        match &self.shared.seen().mode {
            Mode::Through { recording, .. } | Mode::Canned { recording, .. } => recording.clone(),
        }
    }

    /// What came since the last time.
    pub(crate) fn counts(&self) -> Counts {
        std::mem::take(&mut self.shared.seen().counts)
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer of the engine.
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

impl Seen {
    /// A call begins. Returns how long its answer is held back, and the answer where it is known.
    fn begin(&mut self, call: &Call) -> (Option<Duration>, Known) {
        self.counts.trips += u32::from(self.under_way == 0);
        self.under_way += 1;
        let (hold, known) = match &self.mode {
            Mode::Canned { recording, hold } => {
                (*hold, recording.answer(call).map_or(Known::Never, Known::Answer))
            }
            Mode::Through { hold, .. } => (Some(*hold), Known::ByTheEngine),
        };
        // Calls by the thousand are not kept.
        if hold.is_some() {
            self.counts.calls.push(call.clone());
        }
        (hold, known)
    }

    fn end(&mut self, call: Call, answer: &Bytes) {
        self.under_way -= 1;
        if let Mode::Through { recording, .. } = &mut self.mode {
            let units = units(&call.target, answer);
            self.counts.units.read += units.read;
            self.counts.units.write += units.write;
            recording.add(call, answer.clone());
        }
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BYTES).await else { return refused("the call was cut off") };
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let target = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
    let call = Call { target, body };
    let (hold, known) = shared.seen().begin(&call);
    let (status, answer) = match known {
        Known::Answer(answer) => (StatusCode::OK, answer),
        Known::Never => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::from_static(b"{}")),
        Known::ByTheEngine => match shared.engine(&head, call.body.clone()).await {
            Ok(answer) => answer,
            Err(error) => return refused(&error.to_string()),
        },
    };
    if let Some(hold) = hold.filter(|hold| !hold.is_zero()) {
        tokio::time::sleep(hold).await;
    }
    shared.seen().end(call, &answer);
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], answer).into_response()
}

fn refused(reason: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, reason.to_owned()).into_response()
}
