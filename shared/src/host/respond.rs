//! Request handling that all hosts share, with a response to every request.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::clock::Deadline;
use crate::error::ApiError;
use crate::http::event::{Event, gateway_response, trace_id_of};
use crate::http::{Method, RawRequest, Request, Response};
use crate::ids::sha256_hex;
use crate::log::sanitize_for_log;
use crate::metrics::RequestRecord;
use crate::operation::{Entry, HandlerFuture, Operation, route};
use crate::service::App;
use crate::table::Usage;

/// Responds to an event of API Gateway in the gateway's response format. The response to `HEAD` has no
/// body.
///
/// An invalid event is handled and logged like a request without an operation, with the `request_id`
/// and the trace of its delivery.
pub async fn respond_to_event<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    event: &str,
    (request_id, trace): (&str, Option<&str>),
    deadline: Deadline,
) -> Value {
    let event = Event::read(event);
    let is_of_http_api = event.as_ref().is_some_and(Event::is_of_http_api);
    let trace_id = trace.map(|header| trace_id_of(header).to_owned());
    let raw = event.and_then(|event| event.into_raw_request(request_id));
    let is_head = raw.as_ref().is_some_and(|raw| raw.method == Method::HEAD);
    let mut response = if let Some(raw) = raw {
        respond(app, operations, RawRequest { trace_id, ..raw }, deadline).await
    } else {
        let ids = (sanitize_for_log(request_id.to_owned()), trace_id.map(sanitize_for_log));
        log(app, Duration::ZERO, &ids, &Reached::none(), Err(ApiError::MalformedJson))
    };
    if is_head {
        response.body = None;
    }
    gateway_response(response, is_of_http_api)
}

/// Responds to a request with one of the operations. The response to `HEAD` is that to `GET`; the host
/// omits its body.
///
/// Every path responds to `OPTIONS`, the method of preflight requests. Responses have the CORS headers of
/// the request's origin.
///
/// If a handler panics, the response is 500, and the next request is served. One line is logged per
/// request, which identifies the caller only by a hash. All other lines of the request carry the
/// request ID and the trace ID.
pub async fn respond<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    mut raw: RawRequest,
    deadline: Deadline,
) -> Response {
    raw.request_id = sanitize_for_log(raw.request_id);
    raw.trace_id = raw.trace_id.map(sanitize_for_log);
    // An error span, so that a filter that passes a line also passes its request ID.
    let span = tracing::error_span!("request", request = raw.request_id, trace = raw.trace_id);
    respond_and_log(app, operations, raw, deadline).instrument(span).await
}

#[expect(clippy::disallowed_methods, reason = "how long it took is about waiting, not about the time of day")]
async fn respond_and_log<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    raw: RawRequest,
    deadline: Deadline,
) -> Response {
    let started = Instant::now();
    let ids = (raw.request_id.clone(), raw.trace_id.clone());
    let is_options = raw.method == Method::OPTIONS;
    let cors = app.allowed_origins.headers(raw.header("origin"), is_options);
    let (reached, result) = match route(operations, raw, deadline) {
        Err(ApiError::MethodNotAllowed { .. }) if is_options => (Reached::none(), Ok(Response::no_content())),
        Err(error) => (Reached::none(), Err(error)),
        Ok((operation, request)) => {
            let result = handle(app, operation, &request).await;
            let caller = request.caller().map(|caller| sha256_hex(caller)[..16].to_owned());
            let usage = request.meter.usage();
            (Reached { operation: operation.id, noun: operation.noun(), caller, usage }, result)
        }
    };
    let mut response = log(app, started.elapsed(), &ids, &reached, result);
    response.headers.extend(cors);
    response
}

/// What is known of a handled request when its line is logged.
struct Reached {
    operation: &'static str,
    noun: &'static str,
    caller: Option<String>,
    usage: Usage,
}

impl Reached {
    /// A request that reached no operation.
    fn none() -> Self {
        Self { operation: "none", noun: "none", caller: None, usage: Usage::default() }
    }
}

/// Logs the line of a request, and returns its response.
fn log(
    app: &App,
    latency: Duration,
    (request_id, trace_id): &(String, Option<String>),
    reached: &Reached,
    result: Result<Response, ApiError>,
) -> Response {
    let error = result.as_ref().err();
    let codes: Vec<&str> = error
        .map(|error| error.entries().iter().map(|(code, _)| code.as_str()).collect())
        .unwrap_or_default();
    let token_refusal = error.and_then(ApiError::token_refusal).map(|refusal| refusal.to_string());
    let x_token_refusal = error.and_then(ApiError::x_token_refusal).map(|refusal| refusal.to_string());
    let response = result.unwrap_or_else(|error| Response::from(&error));
    app.request_log.write(&RequestRecord {
        at: app.clock.now(),
        operation: reached.operation,
        noun: reached.noun,
        request: request_id,
        trace: trace_id.as_deref(),
        caller: reached.caller.as_deref(),
        status: response.status.as_u16(),
        codes: &codes,
        token_refusal: token_refusal.as_deref(),
        x_token_refusal: x_token_refusal.as_deref(),
        latency,
        usage: reached.usage,
        is_first: app.request_log.is_first(),
    });
    response
}

async fn handle(app: &App, operation: &Operation, request: &Request) -> Result<Response, ApiError> {
    let handling: HandlerFuture<'_> = Box::pin(async {
        request.require_size()?;
        let (requirements, handler) = match operation.entry {
            Entry::Public { handler } => return handler(app, request).await,
            Entry::Authenticated { needs, subject, handler } => ((needs, subject), handler),
        };
        let access = app.admit(operation.id, requirements, request).await?;
        if let Some(response) = access.stored_response().await? {
            return Ok(response);
        }
        match handler(&access, request).await {
            Ok(response) => Ok(response),
            // A concurrent request with the same key may have succeeded in the meantime.
            Err(error) => access.stored_response().await?.ok_or(error),
        }
    });
    AssertUnwindSafe(handling).catch_unwind().await.unwrap_or(Err(ApiError::Internal))
}

#[cfg(test)]
mod tests;
