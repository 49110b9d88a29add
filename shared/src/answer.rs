//! From a request to its answer, whatever happens: the same for every host.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::app::App;
use crate::error::ApiError;
use crate::http::{Entry, Handling, Incoming, Operation, Request, Response, route};
use crate::ids::sha256_hex;
use crate::metrics::Answered;
use crate::table::{Deadline, Usage};

/// Answers a request with one of the operations. A handler that panics answers 500, and the next
/// request is served. One line is written of each request: it names the caller by a hash only. Every
/// other line that is logged meanwhile names the request and its trace.
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
    let (request_id, trace_id) = (incoming.request_id.clone(), incoming.trace_id.clone());
    let (operation, caller, usage, result) = match route(operations, incoming, deadline) {
        Err(error) => ("none", None, Usage::default(), Err(error)),
        Ok((operation, request)) => {
            let result = handle(app, operation, &request).await;
            let caller = request.caller().map(|caller| sha256_hex(caller)[..16].to_owned());
            (operation.id, caller, request.meter.usage(), result)
        }
    };
    let (response, codes) = match result {
        Ok(response) => (response, Vec::new()),
        Err(error) => {
            let codes = error.entries().iter().map(|(code, _)| code.as_str()).collect();
            (Response::from(&error), codes)
        }
    };
    app.answer_log.write(&Answered {
        at: app.clock.now(),
        operation,
        request: &request_id,
        trace: trace_id.as_deref(),
        caller: caller.as_deref(),
        status: response.status.as_u16(),
        codes: &codes,
        latency: started.elapsed(),
        usage,
        is_first: app.answer_log.is_first(),
    });
    response
}

async fn handle(app: &App, operation: &Operation, request: &Request) -> Result<Response, ApiError> {
    let handling: Handling<'_> = Box::pin(async {
        request.demand_size()?;
        let (demands, handler) = match operation.entry {
            Entry::Open { handler } => return handler(app, request).await,
            Entry::Admitted { needs, scope, handler } => ((needs, scope), handler),
        };
        let access = app.admit(operation.id, demands, request).await?;
        if let Some(response) = access.earlier_answer().await? {
            return Ok(response);
        }
        match handler(&access, request).await {
            Ok(response) => Ok(response),
            // What is refused may have been done by an equal request in the meantime.
            Err(error) => access.earlier_answer().await?.ok_or(error),
        }
    });
    AssertUnwindSafe(handling).catch_unwind().await.unwrap_or(Err(ApiError::Internal))
}

#[cfg(test)]
mod tests;
