//! From a request to its answer, whatever happens: the same for every host.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::app::App;
use crate::error::ApiError;
use crate::http::{Entry, Handling, Incoming, Operation, Request, Response, route};
use crate::ids::sha256_hex;
use crate::table::Deadline;

/// Answers a request with one of the operations. A handler that panics answers 500, and the next
/// request is served. One line is logged: it names the caller by a hash only.
#[expect(clippy::disallowed_methods, reason = "how long it took is about waiting, not about the time of day")]
pub async fn answer<'a>(
    app: &App,
    operations: impl IntoIterator<Item = &'a Operation>,
    incoming: Incoming,
    deadline: Deadline,
) -> Response {
    let started = Instant::now();
    let request_id = incoming.request_id.clone();
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
    tracing::info!(operation, request = request_id, caller, status, codes, millis, "answered");
    response
}

async fn handle(app: &App, operation: &Operation, request: &Request) -> Result<Response, ApiError> {
    let handling: Handling<'_> = Box::pin(async {
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
