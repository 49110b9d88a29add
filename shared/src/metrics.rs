//! What is told of an answered request: one line of JSON that is its log and its metrics in one.
//!
//! With a namespace the line is in the embedded metric format of CloudWatch, which makes metrics
//! of the line while it takes it in: no call, no second line.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::table::Usage;

/// Where the metrics of a deployment stand in CloudWatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// Reads a namespace.
    ///
    /// # Errors
    /// The reason, when CloudWatch takes no such namespace.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#:".contains(&byte);
        let is_reserved = text.starts_with("AWS/") || text.starts_with(':');
        if (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) && !is_reserved {
            Ok(Self(text.to_owned()))
        } else {
            Err("is not a namespace that CloudWatch takes metrics under".to_owned())
        }
    }
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct RequestRecord<'a> {
    /// When it was.
    pub at: Timestamp,
    /// The operation, `none` where the request reached none.
    pub operation: &'a str,
    /// The id of the request.
    pub request: &'a str,
    /// The id of the trace that it belongs to.
    pub trace: Option<&'a str>,
    /// A hash of the caller's name, as soon as it is known.
    pub caller: Option<&'a str>,
    /// The status of the answer.
    pub status: u16,
    /// The error codes in the answer.
    pub codes: &'a [&'static str],
    /// How long it took.
    pub latency: Duration,
    /// What it cost the table.
    pub usage: Usage,
    /// Whether it is the first one that this process has answered.
    pub is_first: bool,
}

/// The line of a request, in the order of its members.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    operation: &'a str,
    request: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    status: u16,
    codes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(flatten)]
    figures: Figures,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    embedded: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Figures {
    requests: u8,
    latency: u64,
    table_trips: u32,
    table_calls: u32,
    read_units: f64,
    write_units: f64,
    cold_starts: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<u8>,
}

impl RequestRecord<'_> {
    /// The line, without its end. The only texts in it that come from outside are the two ids.
    #[must_use]
    pub fn line(&self, namespace: Option<&Namespace>) -> String {
        let code = self.codes.first().copied();
        let line = Line {
            timestamp: self.at.to_string(),
            level: "INFO",
            message: "answered",
            operation: self.operation,
            request: self.request,
            trace: self.trace,
            caller: self.caller,
            status: self.status,
            codes: self.codes.join(" "),
            code,
            figures: Figures {
                requests: 1,
                latency: u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX),
                table_trips: self.usage.trips,
                table_calls: self.usage.calls,
                read_units: self.usage.read_units,
                write_units: self.usage.write_units,
                cold_starts: self.is_first.into(),
                errors: code.map(|_| 1),
            },
            embedded: namespace.map(|namespace| embedded(self.at, namespace, code.is_some())),
        };
        // It has only what JSON has a form for.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// Defines for CloudWatch which members are metrics, and their dimensions.
///
/// CloudWatch bills each combination of a metric and its dimensions every month, so no metric has the
/// operation as a dimension. The figures of an operation come from queries over the lines.
fn embedded(at: Timestamp, Namespace(namespace): &Namespace, has_code: bool) -> Value {
    let count = |name: &str| json!({"Name": name, "Unit": "Count"});
    let directive = |dimensions: &[&str], metrics: &[Value]| json!({"Namespace": namespace, "Dimensions": [dimensions], "Metrics": metrics});
    let of_all = [
        count("Requests"),
        json!({"Name": "Latency", "Unit": "Milliseconds"}),
        count("TableTrips"),
        count("TableCalls"),
        count("ReadUnits"),
        count("WriteUnits"),
        count("ColdStarts"),
    ];
    let mut directives = vec![directive(&[], &of_all)];
    if has_code {
        directives.push(directive(&["code"], &[count("Errors")]));
    }
    json!({"Timestamp": at.unix_millis(), "CloudWatchMetrics": directives})
}

/// Where the lines go.
pub(crate) struct RequestLog {
    namespace: Option<Namespace>,
    sink: Box<dyn Fn(&str) + Send + Sync>,
    has_answered: AtomicBool,
}

impl RequestLog {
    /// A log that keeps nothing.
    pub(crate) fn new(namespace: Option<Namespace>) -> Self {
        Self { namespace, sink: Box::new(|_| {}), has_answered: AtomicBool::new(false) }
    }

    /// A log whose lines go to `sink`, of all answers from now on.
    pub(crate) fn to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { sink: Box::new(sink), ..Self::new(self.namespace) }
    }

    /// Whether nothing has been answered before. It is asked once a request.
    pub(crate) fn is_first(&self) -> bool {
        !self.has_answered.swap(true, Ordering::Relaxed)
    }

    /// Writes the line of a request.
    pub(crate) fn write(&self, answered: &RequestRecord<'_>) {
        (self.sink)(&answered.line(self.namespace.as_ref()));
    }
}

/// Writes lines to a stream, each in one piece, so that no other writer gets in between.
pub fn lines_to<W: Write>(stream: impl Fn() -> W + Send + Sync) -> impl Fn(&str) + Send + Sync {
    move |line| {
        // A stream that is closed is no reason to refuse an answer.
        let _ = stream().write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests;
