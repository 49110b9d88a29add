//! The local server, which serves all operations on one port like API Gateway.

use std::error::{self, Error as _};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::{from_fn, map_response};
use axum::response::{IntoResponse, Response};
use functions::OPERATIONS;
use http_body_util::LengthLimitError;
use shared::clock::Deadline;
use shared::clock::Random;
use shared::host::respond;
use shared::http::query;
use shared::http::{self, BASE_PATH, MAX_BYTES, PRINCIPAL_BASE_PATH, RawRequest, Target};
use shared::service::App;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::connection::Connections;
use crate::error::Error;
use crate::log::RequestLine;
use crate::page::Page;
use crate::refusal::{Refusal, require_valid};
use crate::serving::{address_of, until_stopped};

/// The maximum duration of a request, the same as for the functions.
const MAX_REQUEST_DURATION: Duration = Duration::from_secs(9);

/// How long a stop waits for requests in progress.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

struct Host {
    app: App,
    base_url: String,
    random: Random,
}

/// Serves the operations and the page on `listener` until `stop` completes. Then waits at most ten
/// seconds for requests in progress.
///
/// # Errors
/// [`Error::Listen`] if the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    page: Page,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let address = address_of(&listener)?;
    let failed = move |reason| Error::Listen { port: address.port(), reason };
    let host = Host { app, base_url: format!("http://{address}"), random: Random::system() };
    // All other requests go to the API, including those with other methods for the paths of the page.
    let router = page.router().method_not_allowed_fallback(handle).fallback(handle);
    // The layer wraps the whole router, because axum adds `Allow` outside the layers of a route.
    let router = Router::new().fallback_service(router.with_state(Arc::new(host)));
    let router = router.layer(map_response(remove_allow)).layer(from_fn(require_valid));
    let serve = |stopped: oneshot::Receiver<()>| {
        let serving = axum::serve(Connections(listener), router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        serving.into_future()
    };
    // Connections that are still open after the time-out are closed when the process ends.
    until_stopped(stop, STOP_TIMEOUT, serve).await.map_err(failed)
}

async fn handle(State(host): State<Arc<Host>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = match to_bytes(body, MAX_BYTES).await {
        Ok(body) => body.into(),
        // A body that is too large is replaced by one that exceeds the limit.
        Err(error) if is_too_large(&error) => vec![0; MAX_BYTES + 1],
        Err(_) => return Refusal::Malformed.into_response(),
    };
    let line = RequestLine { method: head.method.to_string(), path: head.uri.path().to_owned() };
    let incoming = RawRequest {
        method: head.method,
        target: target_of(head.uri.path()),
        base_url: host.base_url.clone(),
        query: query::decode(head.uri.query().unwrap_or_default()),
        headers: pairs(&head.headers),
        body: Some(body),
        request_id: host.random.uuid(),
        trace_id: None,
    };
    let response = respond(&host.app, OPERATIONS, incoming, Deadline::after(MAX_REQUEST_DURATION));
    into_response(line.of(response).await)
}

/// Returns true if a body exceeds the limit. Any other error means that it is incomplete or malformed.
fn is_too_large(error: &axum::Error) -> bool {
    error.source().is_some_and(<dyn error::Error>::is::<LengthLimitError>)
}

/// Removes the `Allow` header, which axum adds for paths of the page, from 404 responses.
async fn remove_allow(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

/// Returns the path as a target. The base path has no prefix here (stage or base path mapping), so a path
/// without it is replaced by an empty one.
fn target_of(path: &str) -> Target {
    let is_of_api = [BASE_PATH, PRINCIPAL_BASE_PATH].iter().any(|base| path.starts_with(base));
    Target::Encoded(if is_of_api { path.to_owned() } else { String::new() })
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(pair).collect()
}

fn into_response(response: http::Response) -> Response {
    let body = response.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut builder = Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    // Only an invalid header value could cause an error, and all values are encoded.
    builder.body(body).unwrap_or_else(|_| Refusal::Failed.into_response())
}
