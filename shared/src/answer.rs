//! From a request to its answer, whatever happens: the same for every host.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::app::App;
use crate::error::ApiError;
use crate::http::{Handling, Incoming, Operation, Request, Response, route};
use crate::ids::sha256_hex;
use crate::table::Deadline;

/// Answers a request with one of the operations. A handler that panics answers 500, and the next
/// request is served. One line is logged of it: it names the caller by a hash only. It and every
/// other line that is logged meanwhile name the request and its trace.
pub async fn answer<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    incoming: Incoming,
    deadline: Deadline,
) -> Response {
    // On the level of errors: a filter that lets a line through must not hold back whose it is.
    let span = tracing::error_span!("request", request = incoming.request_id, trace = incoming.trace_id);
    answer_and_log(app, operations, incoming, deadline).instrument(span).await
}

#[expect(clippy::disallowed_methods, reason = "how long it took is about waiting, not about the time of day")]
async fn answer_and_log<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    incoming: Incoming,
    deadline: Deadline,
) -> Response {
    let started = Instant::now();
    let (operation, caller, result) = match route(operations, incoming, deadline) {
        Err(error) => ("none", None, Err(error)),
        Ok((operation, request)) => {
            let result = handle(app, operation, &request).await;
            let caller = request.caller().map(|caller| sha256_hex(caller)[..16].to_owned());
            (operation.id, caller, result)
        }
    };
    let (response, codes) = match result {
        Ok(response) => (response, String::new()),
        Err(error) => {
            let codes: Vec<&str> = error.entries().iter().map(|(code, _)| code.as_str()).collect();
            (Response::from(&error), codes.join(" "))
        }
    };
    let status = response.status.as_u16();
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(operation, caller, status, codes, millis, "answered");
    response
}

async fn handle(app: &App, operation: &Operation, request: &Request) -> Result<Response, ApiError> {
    let handling: Handling<'_> = Box::pin(async {
        let access = app.admit(operation, request).await?;
        if let Some(response) = access.earlier_answer().await? {
            return Ok(response);
        }
        match (operation.handler)(&access, request).await {
            Ok(response) => Ok(response),
            // What is refused may have been done by an equal request in the meantime.
            Err(error) => access.earlier_answer().await?.ok_or(error),
        }
    });
    AssertUnwindSafe(handling).catch_unwind().await.unwrap_or(Err(ApiError::Internal))
}

#[cfg(test)]
mod tests;
