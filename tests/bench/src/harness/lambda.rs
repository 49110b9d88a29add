//! AWS Lambda, on the loopback interface: it hands a function one event after the other.

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

/// How long a function may take for an event, as far as it is told.
const TIME: Duration = Duration::from_secs(10);

/// What a function does.
pub(crate) enum News {
    /// It asked for work.
    Asked(Instant),
    /// It got some.
    HandedOut(Instant),
    /// It answered.
    RequestRecord(Instant, Bytes),
    /// It failed.
    Failed(Bytes),
}

/// What a function talks to.
pub(crate) struct Host {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    news: mpsc::UnboundedSender<News>,
}

impl Host {
    /// Hands out `events` and tells the `news`.
    pub(crate) fn new(events: mpsc::UnboundedReceiver<Bytes>, news: mpsc::UnboundedSender<News>) -> Self {
        Self { events: Mutex::new(events), news }
    }
}

/// Serves one function until it is aborted.
pub(crate) async fn serve(listener: TcpListener, host: Host) {
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .route("/2018-06-01/runtime/init/error", post(failed))
        // Lambda itself takes answers of 6 MB.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(host));
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // It listens as long as this process runs, or is aborted.
    let _ = axum::serve(listener, router).await;
}

async fn next(State(host): State<Arc<Host>>) -> Response {
    let _ = host.news.send(News::Asked(moment::now()));
    let Some(event) = host.events.lock().await.recv().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let deadline = moment::millis_after(TIME).to_string();
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:f")
        .header("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0")
        .body(Body::from(event));
    let _ = host.news.send(News::HandedOut(moment::now()));
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn answered(State(host): State<Arc<Host>>, body: Bytes) -> StatusCode {
    let _ = host.news.send(News::RequestRecord(moment::now(), body));
    StatusCode::ACCEPTED
}

async fn failed(State(host): State<Arc<Host>>, body: Bytes) -> StatusCode {
    let _ = host.news.send(News::Failed(body));
    StatusCode::ACCEPTED
}
