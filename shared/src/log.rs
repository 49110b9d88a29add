//! Logging: format, filter and sanitisation of external text.

use std::io;
use std::panic::PanicHookInfo;

use lambda_http::lambda_runtime::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
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

/// Installs the global log, which writes one JSON line per event.
///
/// `RUST_LOG` filters by levels and by levels of targets, separated by `,`. Its default is `info`.
///
/// # Errors
/// Returns an error if the filter is invalid or a global log is already installed.
pub fn log_as_json() -> Result<(), Error> {
    let filter = std::env::var("RUST_LOG").ok().filter(|filter| !filter.is_empty());
    log_lines(filter.as_deref().unwrap_or("info"), io::stderr)?.try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
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
    let filter: Targets =
        filter.parse().map_err(|_| "the configuration is not valid: RUST_LOG is not a log filter")?;
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    Ok(tracing_subscriber::registry().with(lines.with_writer(writer)).with(filter))
}

#[cfg(test)]
pub(crate) mod tests;
