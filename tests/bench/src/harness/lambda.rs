//! Lambda emulation on the loopback interface, which delivers one event at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use crate::moment;

/// Time-out of an invocation, from which the deadline is computed.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A step of a function, as the host observes it.
pub(crate) enum Signal {
    /// The function requested an event.
    Ready(Instant),
    /// An event was delivered.
    Delivered(Instant),
    /// The function responded.
    Responded(Instant, Bytes),
    /// The function reported an error.
    Failed(Bytes),
}

/// The runtime API that a function calls.
pub(crate) struct Host {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    signals: mpsc::UnboundedSender<Signal>,
}

impl Host {
    /// Creates a host that delivers `events` and reports `signals`.
    pub(crate) fn new(
        events: mpsc::UnboundedReceiver<Bytes>,
        signals: mpsc::UnboundedSender<Signal>,
    ) -> Self {
        Self { events: Mutex::new(events), signals }
    }
}

/// Serves one function until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, host: Host) {
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(responded))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .route("/2018-06-01/runtime/init/error", post(failed))
        // Lambda limits responses to 6 MB; this emulation accepts any size.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(host));
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // Serves until the task is aborted or the process ends.
    let _ = axum::serve(listener, router).await;
}

async fn next(State(host): State<Arc<Host>>) -> Response {
    let _ = host.signals.send(Signal::Ready(moment::now()));
    let Some(event) = host.events.lock().await.recv().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let deadline = moment::millis_after(TIMEOUT).to_string();
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:f")
        .header("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0")
        .body(Body::from(event));
    let _ = host.signals.send(Signal::Delivered(moment::now()));
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn responded(State(host): State<Arc<Host>>, body: Bytes) -> StatusCode {
    let _ = host.signals.send(Signal::Responded(moment::now(), body));
    StatusCode::ACCEPTED
}

async fn failed(State(host): State<Arc<Host>>, body: Bytes) -> StatusCode {
    let _ = host.signals.send(Signal::Failed(body));
    StatusCode::ACCEPTED
}
