//! The log of the local server, on standard error: JSON lines like those of the functions, or lines of text
//! on a terminal. Lines of a request also have its method and path.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};

use serde_json::{Value, json};
use tokio::task_local;

task_local! {
    /// The request that the task responds to.
    static REQUEST: RequestLine;
}

/// The method and the path of a request, without its query string, which can contain personal data.
#[derive(Clone, Debug)]
pub(crate) struct RequestLine {
    /// The method.
    pub(crate) method: String,
    /// The path.
    pub(crate) path: String,
}

impl RequestLine {
    /// Completes a future whose log lines belong to the request.
    pub(crate) async fn of<T>(self, response: impl Future<Output = T>) -> T {
        REQUEST.scope(self, response).await
    }
}

/// The format of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON, for programs.
    Json,
    /// Text, for people.
    Text,
}

impl Format {
    /// Returns the format for standard error.
    pub(crate) fn of_standard_error() -> Self {
        if io::stderr().is_terminal() { Self::Text } else { Self::Json }
    }

    /// Converts a JSON line, without its line break, to the format. `request` is the request that the line
    /// belongs to.
    fn convert(self, line: &str, request: Option<&RequestLine>) -> String {
        match self {
            Self::Json => with_request(line, request),
            // Whatever else a library writes is shown as it is.
            Self::Text => as_text(line, request).unwrap_or_else(|| line.to_owned()),
        }
    }
}

/// Standard error, as a destination of JSON lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log(pub(crate) Format);

impl Write for Log {
    /// Writes whole lines, because each line of the log is written at once.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let request = REQUEST.try_with(RequestLine::clone).ok();
        let text = String::from_utf8_lossy(lines);
        let converted = text.lines().map(|line| self.0.convert(line, request.as_ref()) + "\n");
        io::stderr().write_all(converted.collect::<String>().as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Returns a JSON line with the method and the path as its first members.
fn with_request(line: &str, request: Option<&RequestLine>) -> String {
    match (line.strip_prefix('{'), request) {
        (Some(members), Some(RequestLine { method, path })) => {
            format!("{{\"method\":{},\"path\":{},{members}", json!(method), json!(path))
        }
        _ => line.to_owned(),
    }
}

/// Returns a JSON line as text; `None` if it is not an object with a time.
fn as_text(line: &str, request: Option<&RequestLine>) -> Option<String> {
    let Ok(Value::Object(mut members)) = serde_json::from_str(line) else { return None };
    let time = members.remove("timestamp")?.as_str()?.get(11..19)?.to_owned();
    let text = |name: &str| members.get(name).map(plain).unwrap_or_default();
    if let (Some(request), true) = (request, members.contains_key("status")) {
        let RequestLine { method, path } = request.clone();
        let latency = format!("{} ms", text("Latency"));
        let mut parts = vec![time, method, path, text("status"), text("operation"), latency];
        parts.extend(["codes", "tokenRefusal", "xTokenRefusal"].map(text));
        parts.retain(|part| !part.is_empty());
        return Some(parts.join(" "));
    }
    let mut shown = format!("{time} {} {}", text("level"), text("message"));
    for (name, value) in &members {
        let is_shown = !["level", "message", "target", "_aws"].contains(&name.as_str());
        if is_shown && !value.is_object() {
            // Writing to a text cannot fail.
            let _ = write!(shown, " {name}={}", plain(value));
        }
    }
    if let Some(RequestLine { method, path }) = request {
        let _ = write!(shown, " ({method} {path})");
    }
    Some(shown)
}

/// Returns a value without the quotation marks of a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Format, RequestLine};

    const ANSWERED: &str = r#"{"timestamp":"2026-03-01T12:00:01.234Z","level":"INFO","message":"answered","operation":"create-client","request":"r","caller":"c","status":422,"codes":"errors.duplicateValue","Requests":1,"Latency":12}"#;
    const WARNING: &str = r#"{"timestamp":"2026-03-01T12:00:01.234Z","level":"WARN","message":"table throttled, retrying","attempt":2,"target":"shared::table","span":{"request":"r"}}"#;

    fn request() -> RequestLine {
        RequestLine { method: "POST".to_owned(), path: "/nevisidm/api/core/v1/clients".to_owned() }
    }

    #[test]
    fn a_request_is_one_readable_line_on_a_terminal() {
        assert_eq!(
            Format::Text.convert(ANSWERED, Some(&request())),
            "12:00:01 POST /nevisidm/api/core/v1/clients 422 create-client 12 ms errors.duplicateValue"
        );
    }

    #[test]
    fn other_lines_are_readable_on_a_terminal() {
        assert_eq!(
            Format::Text.convert(WARNING, Some(&request())),
            "12:00:01 WARN table throttled, retrying attempt=2 (POST /nevisidm/api/core/v1/clients)"
        );
        assert_eq!(Format::Text.convert(WARNING, None), "12:00:01 WARN table throttled, retrying attempt=2");
        assert_eq!(Format::Text.convert("no JSON", None), "no JSON");
    }

    #[test]
    fn json_lines_have_the_method_and_the_path_of_their_request() {
        let line = Format::Json.convert(ANSWERED, Some(&request()));
        let begin = r#"{"method":"POST","path":"/nevisidm/api/core/v1/clients","timestamp":"#;
        assert!(line.starts_with(begin) && line.ends_with(&ANSWERED[13..]), "{line}");
        assert_eq!(Format::Json.convert(ANSWERED, None), ANSWERED);
    }
}
