//! Hosts an operation on AWS Lambda: initialisation, then one event after the other.

mod respond;
mod warm_up;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use lambda_http::lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

pub use self::respond::{respond, respond_to_event};
use self::warm_up::warm_up;
use crate::auth::fetch;
use crate::clock::{Clock, Deadline, Random};
use crate::log::log_as_json;
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
/// If the function cannot start, the reason is written to standard error.
pub async fn run(operation: &'static Operation) -> ExitCode {
    match serve(operation).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} cannot run: {error}", operation.id);
            ExitCode::FAILURE
        }
    }
}

async fn serve(operation: &'static Operation) -> Result<(), Error> {
    log_as_json()?;
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::read(variable)?;
    operation.prepare_by(&config.settings)?;
    let client = connection::from_environment(variable)?;
    let app = App::new(config, client, &fetch::over_the_network(), Clock::system(), Random::system());
    let deadline = Deadline::after(Duration::from_secs(3));
    app.warm_up(deadline).await;
    warm_up(&app, operation, deadline).await;
    let app = &app.log_requests_to(lines_to(io::stdout));
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline_of(event.context.deadline());
        let ids = (event.context.request_id.as_str(), event.context.xray_trace_id.as_deref());
        let response = respond_to_event(app, [operation], event.payload.get(), ids, deadline).await;
        Ok::<Value, Error>(response)
    };
    // The runtime's own span is not used: lines of a request have the span of this crate.
    Runtime::new(service_fn(handle)).run().await
}

/// Returns the deadline of a request, one second before the function's own.
///
/// Emulators report moments in 1970, which are ignored.
#[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
fn deadline_of(moment: SystemTime) -> Deadline {
    let left = moment.duration_since(SystemTime::now()).unwrap_or(MAX_REQUEST_DURATION + DEADLINE_MARGIN);
    Deadline::after(left.saturating_sub(DEADLINE_MARGIN))
}
