//! The request log: one JSON line per request that serves as log and metrics.
//!
//! If a namespace is configured, the line is in the CloudWatch embedded metric format. CloudWatch then
//! extracts the metrics from the line, without a call or a second line.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::table::Usage;

/// A CloudWatch metrics namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// Parses a namespace.
    ///
    /// # Errors
    /// Returns the reason if the text is not a valid namespace for CloudWatch.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#:".contains(&byte);
        let is_reserved = text.starts_with("AWS/") || text.starts_with(':');
        if (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) && !is_reserved {
            Ok(Self(text.to_owned()))
        } else {
            Err("is not a CloudWatch metrics namespace".to_owned())
        }
    }
}

/// A completed request.
#[derive(Clone, Debug)]
pub struct RequestRecord<'a> {
    /// The time of the request.
    pub at: Timestamp,
    /// The operation; `none` if the request was not routed to one.
    pub operation: &'a str,
    /// What the operation is about; `none` if there is no operation.
    pub noun: &'a str,
    /// The request ID.
    pub request: &'a str,
    /// The trace ID, if the request has one.
    pub trace: Option<&'a str>,
    /// A hash of the caller's name, if the caller was authenticated.
    pub caller: Option<&'a str>,
    /// The status code of the response.
    pub status: u16,
    /// The error codes in the response.
    pub codes: &'a [&'static str],
    /// Why the Bearer token was refused, as a word of a closed list, if it was.
    pub token_refusal: Option<&'a str>,
    /// Why the X-Token was refused, as a word of a closed list, if it was.
    pub x_token_refusal: Option<&'a str>,
    /// The duration of the request.
    pub latency: Duration,
    /// The table usage of the request.
    pub usage: Usage,
    /// True if it is the first request of this process.
    pub is_first: bool,
}

/// The line of a request, with members in this order.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    operation: &'a str,
    noun: &'a str,
    request: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    status: u16,
    codes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(rename = "tokenRefusal", skip_serializing_if = "Option::is_none")]
    token_refusal: Option<&'a str>,
    #[serde(rename = "xTokenRefusal", skip_serializing_if = "Option::is_none")]
    x_token_refusal: Option<&'a str>,
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
    /// Returns the line without its line break. The request ID and the trace ID are its only texts from
    /// outside.
    #[must_use]
    pub fn line(&self, namespace: Option<&Namespace>) -> String {
        let code = self.codes.first().copied();
        let line = Line {
            timestamp: self.at.to_string(),
            level: "INFO",
            message: "answered",
            operation: self.operation,
            noun: self.noun,
            request: self.request,
            trace: self.trace,
            caller: self.caller,
            status: self.status,
            codes: self.codes.join(" "),
            code,
            token_refusal: self.token_refusal,
            x_token_refusal: self.x_token_refusal,
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
        // Serialisation cannot fail: all members have a JSON representation.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// A completed run of a job.
#[derive(Clone, Debug)]
pub struct JobRecord<'a> {
    /// The time of its begin.
    pub at: Timestamp,
    /// The job.
    pub job: &'a str,
    /// The ID of the run.
    pub run: &'a str,
    /// The duration of the run.
    pub latency: Duration,
    /// The table usage of the run.
    pub usage: Usage,
    /// How many things are left for later runs, and the age of the oldest; `None` if the run failed.
    pub backlog: Option<(usize, Duration)>,
    /// How many things were passed over because they can never be processed.
    pub failed: usize,
}

/// The line of a run, with members in this order.
#[derive(Serialize)]
struct JobLine<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    job: &'a str,
    request: &'a str,
    #[serde(flatten)]
    figures: JobFigures,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    embedded: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct JobFigures {
    latency: u64,
    table_trips: u32,
    table_calls: u32,
    read_units: f64,
    write_units: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    backlog: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backlog_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_records: Option<usize>,
}

impl JobRecord<'_> {
    /// Returns the line without its line break. The age of the backlog is in seconds.
    ///
    /// A failed run has no backlog, so that CloudWatch misses the figure. A run that passed nothing over has no number of
    /// failed records.
    #[must_use]
    pub fn line(&self, namespace: Option<&Namespace>) -> String {
        let millis = u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX);
        let age = self.backlog.map(|(_, age)| age.as_secs());
        let failed = Some(self.failed).filter(|failed| *failed > 0);
        let line = JobLine {
            timestamp: self.at.to_string(),
            level: if age.is_some() { "INFO" } else { "ERROR" },
            message: if age.is_some() { "job ended" } else { "job failed" },
            job: self.job,
            request: self.run,
            figures: JobFigures {
                latency: millis,
                table_trips: self.usage.trips,
                table_calls: self.usage.calls,
                read_units: self.usage.read_units,
                write_units: self.usage.write_units,
                backlog: self.backlog.map(|(left, _)| left),
                backlog_age: age,
                failed_records: failed,
            },
            embedded: namespace.filter(|_| age.is_some()).map(|Namespace(namespace)| {
                let age = json!({"Name": "BacklogAge", "Unit": "Seconds"});
                let failed = failed.map(|_| json!({"Name": "FailedRecords", "Unit": "Count"}));
                let metrics: Vec<Value> = [Some(age), failed].into_iter().flatten().collect();
                let directive = json!({"Namespace": namespace, "Dimensions": [["job"]], "Metrics": metrics});
                json!({"Timestamp": self.at.unix_millis(), "CloudWatchMetrics": [directive]})
            }),
        };
        // Serialisation cannot fail: all members have a JSON representation.
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

/// The destination of the lines.
pub(crate) struct RequestLog {
    namespace: Option<Namespace>,
    sink: Box<dyn Fn(&str) + Send + Sync>,
    has_answered: AtomicBool,
}

impl RequestLog {
    /// Creates a log that discards all lines.
    pub(crate) fn new(namespace: Option<Namespace>) -> Self {
        Self { namespace, sink: Box::new(|_| {}), has_answered: AtomicBool::new(false) }
    }

    /// Returns a log that writes the lines of all further requests to `sink`.
    pub(crate) fn to(self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { sink: Box::new(sink), ..Self::new(self.namespace) }
    }

    /// Returns true for the first call. It is called once per request.
    pub(crate) fn is_first(&self) -> bool {
        !self.has_answered.swap(true, Ordering::Relaxed)
    }

    /// Writes the line of a request.
    pub(crate) fn write(&self, record: &RequestRecord<'_>) {
        (self.sink)(&record.line(self.namespace.as_ref()));
    }

    /// Writes the line of a run of a job.
    pub(crate) fn write_job(&self, record: &JobRecord<'_>) {
        (self.sink)(&record.line(self.namespace.as_ref()));
    }
}

/// Returns a function that writes lines to a stream, each in a single write so that lines are not
/// interleaved.
pub fn lines_to<W: Write>(stream: impl Fn() -> W + Send + Sync) -> impl Fn(&str) + Send + Sync {
    move |line| {
        // A closed stream must not cause requests to fail.
        let _ = stream().write_all(format!("{line}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests;
