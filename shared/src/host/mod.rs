//! Hosts an operation or a job on AWS Lambda: initialisation, then one event after the other.

mod jobs;
mod respond;
mod stream;
mod warm_up;

use std::io;
use std::num::ParseIntError;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use lambda_http::http::Uri;
use lambda_http::http::header::ToStrError;
use lambda_http::lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

pub use self::jobs::{run_job, run_once};
pub use self::respond::{respond, respond_to_event};
pub use self::stream::{process, run_stream_job};
use self::warm_up::warm_up;
use crate::auth::fetch;
use crate::clock::{Clock, Deadline, Random};
use crate::log::{log_as_json, log_end};
use crate::metrics::lines_to;
use crate::operation::Operation;
use crate::service::App;
use crate::service::config::Config;
use crate::table::connection;

/// The maximum duration of a request if the host provides no valid deadline.
const MAX_REQUEST_DURATION: Duration = Duration::from_secs(9);
/// The time between the end of a request and the function's own deadline.
const DEADLINE_MARGIN: Duration = Duration::from_secs(1);

/// Runs the function of an operation until Lambda stops it.
///
/// If the function cannot start, the reason is logged.
pub async fn run(operation: &'static Operation) -> ExitCode {
    run_function(operation.id, start(operation), async |app| serve(operation, &app).await).await
}

/// Starts the function of an operation or a job, and serves until the runtime fails. Logs why it cannot start or has
/// stopped.
async fn run_function<Started>(
    id: &str,
    start: impl Future<Output = Result<Started, String>>,
    serve: impl AsyncFnOnce(Started) -> Result<(), Error>,
) -> ExitCode {
    let started = match start.await {
        Ok(started) => started,
        Err(reason) => {
            log_end(id, "function cannot start", &reason);
            return ExitCode::FAILURE;
        }
    };
    match serve(started).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log_end(id, "function stopped", reason_of(&error));
            ExitCode::FAILURE
        }
    }
}

/// Creates the app of a function and warms it up.
async fn start(operation: &'static Operation) -> Result<App, String> {
    log_as_json().map_err(|error| error.to_string())?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::read(variable).map_err(|error| error.to_string())?;
    operation.prepare_by(&config.settings).map_err(|error| error.to_string())?;
    let connection = connection::from_environment(variable)?;
    require_runtime(variable)?;
    let app = App::new(config, connection, &fetch::over_the_network(), Clock::system(), Random::system());
    let deadline = Deadline::after(Duration::from_secs(3));
    app.warm_up(deadline).await;
    warm_up(&app, operation, deadline).await;
    Ok(app.log_requests_to(lines_to(io::stdout)))
}

/// Handles events until the runtime fails.
async fn serve(operation: &'static Operation, app: &App) -> Result<(), Error> {
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline_of(event.context.deadline());
        let ids = (event.context.request_id.as_str(), event.context.xray_trace_id.as_deref());
        let response = respond_to_event(app, [operation], event.payload.get(), ids, deadline).await;
        Ok::<Value, Error>(response)
    };
    // The runtime's own span is not used: lines of a request have the span of this crate.
    Runtime::new(service_fn(handle)).run().await
}

/// Requires the variables of the Lambda runtime, which panics without them.
fn require_runtime(lookup: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let required = |name: &str| {
        lookup(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| format!("{name} is missing, which AWS Lambda and its emulators set"))
    };
    required("AWS_LAMBDA_FUNCTION_NAME")?;
    required("AWS_LAMBDA_FUNCTION_VERSION")?;
    if required("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse::<i32>().is_err() {
        return Err("AWS_LAMBDA_FUNCTION_MEMORY_SIZE is not a number".to_owned());
    }
    let api = required("AWS_LAMBDA_RUNTIME_API")?.parse::<Uri>();
    if api.is_ok_and(|url| url.authority().is_some()) {
        Ok(())
    } else {
        Err("AWS_LAMBDA_RUNTIME_API is not the address of a Runtime API".to_owned())
    }
}

/// Returns why the runtime failed.
///
/// Its own message quotes the client context of an invocation, which the sender chooses.
fn reason_of(error: &Error) -> &'static str {
    let is_of_context =
        error.is::<serde_json::Error>() || error.is::<ToStrError>() || error.is::<ParseIntError>();
    if is_of_context {
        "the Lambda runtime cannot read the context of an invocation"
    } else {
        "the Lambda runtime failed"
    }
}

/// Returns the deadline of a request, one second before the function's own.
///
/// Emulators report moments in 1970, which are ignored.
#[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
fn deadline_of(moment: SystemTime) -> Deadline {
    let left = moment.duration_since(SystemTime::now()).unwrap_or(MAX_REQUEST_DURATION + DEADLINE_MARGIN);
    Deadline::after(left.saturating_sub(DEADLINE_MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_the_runtime_requires_are_checked() {
        let complete = |name: &str| {
            Some(match name {
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => "512".to_owned(),
                "AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:9001".to_owned(),
                _ => "value".to_owned(),
            })
        };
        assert_eq!(require_runtime(complete), Ok(()));
        for name in [
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_RUNTIME_API",
        ] {
            let problem = require_runtime(|asked| complete(asked).filter(|_| asked != name));
            assert_eq!(problem, Err(format!("{name} is missing, which AWS Lambda and its emulators set")));
        }
        for (name, value, problem) in [
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE is not a number"),
            ("AWS_LAMBDA_RUNTIME_API", "a b", "AWS_LAMBDA_RUNTIME_API is not the address of a Runtime API"),
            ("AWS_LAMBDA_RUNTIME_API", "/api", "AWS_LAMBDA_RUNTIME_API is not the address of a Runtime API"),
        ] {
            let changed = |asked: &str| if asked == name { Some(value.to_owned()) } else { complete(asked) };
            assert_eq!(require_runtime(changed), Err(problem.to_owned()));
        }
    }

    /// The message of such an error quotes the text.
    #[test]
    fn a_context_that_cannot_be_read_is_a_reason_without_its_text() {
        let error: Error = serde_json::from_str::<u8>("\"secret\"").expect_err("no number").into();
        assert!(error.to_string().contains("secret"));
        assert_eq!(reason_of(&error), "the Lambda runtime cannot read the context of an invocation");
        let error: Error = "secret".into();
        assert_eq!(reason_of(&error), "the Lambda runtime failed");
    }
}
