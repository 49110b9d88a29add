//! A function's life on AWS Lambda: it starts once, then answers one event after the other.

use std::io;
use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use lambda_http::lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::answer::answer_event;
use crate::app::App;
use crate::auth::fetch;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::http::Operation;
use crate::metrics::lines_to;
use crate::rehearsal::rehearse;
use crate::table::{Deadline, connection};

/// How long a request may take where the host names no deadline that can be believed.
const LONGEST: Duration = Duration::from_secs(9);
/// How long before the function's own deadline a request has to be over.
const MARGIN: Duration = Duration::from_secs(1);

/// Runs the function of an operation until Lambda stops it. Ends with a line on standard error
/// when the function cannot start.
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
    rehearse(&app, operation, deadline).await;
    let app = &app.log_answers_to(lines_to(io::stdout));
    let handle = move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline_of(event.context.deadline());
        let ids = (event.context.request_id.as_str(), event.context.xray_trace_id.as_deref());
        let event_answer = answer_event(app, [operation], event.payload.get(), ids, deadline).await;
        Ok::<Value, Error>(event_answer)
    };
    // Without the runtime's own span, which nothing reads: a line that belongs to a request has ours.
    Runtime::new(service_fn(handle)).run().await
}

/// Logs one line of JSON an event, whatever is in it, filtered by `RUST_LOG` (`info` unless set):
/// levels, and levels of targets, with `,` between them.
///
/// # Errors
/// When the filter cannot be read, or something logs already.
pub fn log_as_json() -> Result<(), Error> {
    let filter = std::env::var("RUST_LOG").ok().filter(|filter| !filter.is_empty());
    log_lines(filter.as_deref().unwrap_or("info"), io::stderr)?.try_init()?;
    std::panic::set_hook(Box::new(tell_of_panic));
    Ok(())
}

/// Logs that there was a panic. What it says may quote a request; where it happened does not.
pub(crate) fn tell_of_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(location, "a panic");
}

/// What makes the lines of the log. A line that belongs to a request names it, and its trace, in
/// the member `span`.
///
/// # Errors
/// When the filter cannot be read.
pub fn log_lines<W>(filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync + use<W>, Error>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter: Targets =
        filter.parse().map_err(|_| "the configuration is not valid: RUST_LOG is not a log filter")?;
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    Ok(tracing_subscriber::registry().with(lines.with_writer(writer)).with(filter))
}

/// One second before the function's own deadline. Emulations name moments of 1970.
#[expect(clippy::disallowed_methods, reason = "a deadline is about waiting, not about the time of day")]
fn deadline_of(moment: SystemTime) -> Deadline {
    let left = moment.duration_since(SystemTime::now()).unwrap_or(LONGEST + MARGIN);
    Deadline::after(left.saturating_sub(MARGIN))
}
