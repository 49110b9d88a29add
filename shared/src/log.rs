//! Logging: format, filter and sanitisation of external text.

use std::io::{self, Write};
use std::panic::PanicHookInfo;

use lambda_http::lambda_runtime::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The maximum length of external text in a line, in characters.
const MAX_OUTSIDE: usize = 256;

/// Sanitises external text for a log line, such as an ID that a gateway forwards.
///
/// Characters other than visible ASCII are replaced by `?`, and the text is truncated. Each line
/// therefore stays a single, small line for every reader.
#[must_use]
pub fn sanitize_for_log(text: String) -> String {
    if text.len() <= MAX_OUTSIDE && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text;
    }
    let shown = |character: char| if character.is_ascii_graphic() { character } else { '?' };
    text.chars().take(MAX_OUTSIDE).map(shown).collect()
}

/// Installs the global log, which writes one JSON line per event to standard error.
///
/// # Errors
/// The errors of [`log_as_json_to`].
pub fn log_as_json() -> Result<(), Error> {
    log_as_json_to(io::stderr)
}

/// Installs the global log, which writes one JSON line per event to a stream, each in a single write.
///
/// `RUST_LOG` filters by levels and by levels of targets, separated by `,`. Its default is `info`.
///
/// # Errors
/// Returns an error if the filter is invalid or a global log is already installed.
pub fn log_as_json_to<W: Write>(stream: impl Fn() -> W + Send + Sync + 'static) -> Result<(), Error> {
    let filter = std::env::var("RUST_LOG").ok().filter(|filter| !filter.trim().is_empty());
    log_lines(filter.as_deref().unwrap_or("info"), stream)?.try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Logs why a function does not run, whatever the filter of the log.
pub(crate) fn log_end(operation: &str, message: &'static str, reason: &str) {
    let filter = Targets::new().with_default(LevelFilter::ERROR);
    tracing::subscriber::with_default(lines_of(filter, io::stderr), || {
        tracing::error!(operation, reason, "{message}");
    });
}

/// Logs a panic with its location, but not its message, which may quote a request.
pub(crate) fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(location, "handler panicked");
}

/// Creates the subscriber that writes the log.
///
/// A line that belongs to a request has its request ID and its trace ID in the member `span`.
///
/// # Errors
/// Returns an error if the filter is invalid.
pub fn log_lines<W>(filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync + use<W>, Error>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let invalid =
        "the configuration is not valid: RUST_LOG has a part that is neither a level nor 'target=level'";
    Ok(lines_of(filter_of(filter).ok_or(invalid)?, writer))
}

fn lines_of<W>(filter: Targets, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    tracing_subscriber::registry().with(lines.with_writer(writer)).with(filter)
}

/// Parses a filter.
///
/// The parser of [`Targets`] is not used. It takes any other word for a target, so that an unknown level
/// would disable all lines.
fn filter_of(text: &str) -> Option<Targets> {
    let level = |text: &str| text.trim().parse::<LevelFilter>().ok().filter(|_| !text.trim().is_empty());
    let mut filter = Targets::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        filter = match part.split_once('=') {
            None => filter.with_default(level(part)?),
            Some((target, of_target)) => filter.with_target(target.trim(), level(of_target)?),
        };
    }
    Some(filter)
}

#[cfg(test)]
pub(crate) mod tests;
