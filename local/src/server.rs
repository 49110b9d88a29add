//! The operations behind one port, as API Gateway would put them there.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use functions::OPERATIONS;
use shared::clock::Deadline;
use shared::clock::Random;
use shared::host::respond;
use shared::http::query;
use shared::http::{self, BASE_PATH, MAX_BYTES, RawRequest, Target};
use shared::service::App;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::error::Error;
use crate::page::Page;
use crate::serving::{address_of, until_wished};

/// How long a request may take, as for the functions.
const MAX_REQUEST_DURATION: Duration = Duration::from_secs(9);

/// How long a stop waits for requests that are under way.
const STOP_TIME: Duration = Duration::from_secs(10);

struct Host {
    app: App,
    base_url: String,
    random: Random,
}

/// Serves the operations and the page about them on `listener` until `stop` ends; requests under way are
/// then answered, for at most ten seconds.
///
/// # Errors
/// [`Error::Listen`] when the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    page: Page,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let address = address_of(&listener)?;
    let failed = move |reason| Error::Listen { port: address.port(), reason };
    let host = Host { app, base_url: format!("http://{address}"), random: Random::system() };
    // What is not the page is asked of the API, other methods at the page's addresses included.
    let router = page.router().method_not_allowed_fallback(handle).fallback(handle);
    // Around all of it: axum adds the methods of a route outside of the route's own layers.
    let router = Router::new().fallback_service(router.with_state(Arc::new(host)));
    let router = router.layer(map_response(without_methods));
    let serve = |stopped: oneshot::Receiver<()>| {
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        serving.into_future()
    };
    // A connection that stays open for longer than that is cut off with the process.
    until_wished(stop, STOP_TIME, serve).await.map_err(failed)
}

async fn handle(State(host): State<Arc<Host>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    // Of a body that is too large, only that it is so matters.
    let body = to_bytes(body, MAX_BYTES).await.map_or_else(|_| vec![0; MAX_BYTES + 1], Vec::from);
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
    into_response(respond(&host.app, OPERATIONS, incoming, Deadline::after(MAX_REQUEST_DURATION)).await)
}

/// The methods of an address that the API does not know are told to nobody; axum tells the page's.
async fn without_methods(mut response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        response.headers_mut().remove(header::ALLOW);
    }
    response
}

/// Nothing stands before the base path here, no stage and no mapping of a domain: such a path is none.
fn target_of(path: &str) -> Target {
    Target::Encoded(if path.starts_with(BASE_PATH) { path.to_owned() } else { String::new() })
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
    // Only a header's value could be refused, and all of them are encoded.
    builder.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
