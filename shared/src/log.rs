//! The log: its format, its filter, and how text from outside is written to it.

use std::io;
use std::panic::PanicHookInfo;

use lambda_http::lambda_runtime::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The longest text from outside that a line holds, in characters.
const MAX_OUTSIDE: usize = 256;

/// What a line holds of a text from outside, such as an id that a gateway hands on: visible ASCII
/// characters, `?` for each other one, and not too many. So a line stays one line and small, for
/// whatever reads it.
#[must_use]
pub fn sanitize_for_log(text: String) -> String {
    if text.len() <= MAX_OUTSIDE && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text;
    }
    let shown = |character: char| if character.is_ascii_graphic() { character } else { '?' };
    text.chars().take(MAX_OUTSIDE).map(shown).collect()
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
