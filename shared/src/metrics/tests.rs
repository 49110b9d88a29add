//! Tests the exact text of the line in both forms.

use super::*;

const TRACE: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn success() -> RequestRecord<'static> {
    RequestRecord {
        at: Timestamp::parse("2026-01-01T00:00:00.123Z").expect("a moment"),
        operation: "create-consent",
        noun: "consents",
        request: "request-1",
        trace: Some(TRACE),
        caller: Some("0123456789abcdef"),
        status: 201,
        codes: &[],
        token_refusal: None,
        x_token_refusal: None,
        latency: Duration::from_micros(12_999),
        usage: Usage { trips: 2, calls: 3, read_units: 2.5, write_units: 6.0 },
        is_first: true,
    }
}

fn failure() -> RequestRecord<'static> {
    let codes = &["errors.property.stringregex", "errors.invalidData"];
    RequestRecord { status: 422, codes, is_first: false, ..success() }
}

fn run() -> JobRecord<'static> {
    JobRecord {
        at: Timestamp::parse("2026-01-01T00:00:00.123Z").expect("a moment"),
        job: "sweep-deletions",
        run: "run-1",
        latency: Duration::from_micros(12_999),
        usage: Usage { trips: 2, calls: 3, read_units: 2.5, write_units: 6.0 },
        backlog: Some((7, Duration::from_millis(90_999))),
        failed: 0,
    }
}

fn namespace() -> Namespace {
    Namespace::parse("identity").expect("a namespace")
}

#[test]
fn success_lines_have_their_figures() {
    assert_eq!(
        success().line(None),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"answered","operation":"create-consent","noun":"consents","request":"request-1","trace":"1-5759e988-bd862e3fe1be46a994272793","caller":"0123456789abcdef","status":201,"codes":"","Requests":1,"Latency":12,"TableTrips":2,"TableCalls":3,"ReadUnits":2.5,"WriteUnits":6.0,"ColdStarts":1}"#
    );
}

#[test]
fn error_lines_have_all_codes_and_count_the_first() {
    let unknown = RequestRecord { trace: None, caller: None, usage: Usage::default(), ..failure() };
    assert_eq!(
        unknown.line(None),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"answered","operation":"create-consent","noun":"consents","request":"request-1","status":422,"codes":"errors.property.stringregex errors.invalidData","code":"errors.property.stringregex","Requests":1,"Latency":12,"TableTrips":0,"TableCalls":0,"ReadUnits":0.0,"WriteUnits":0.0,"ColdStarts":0,"Errors":1}"#
    );
}

#[test]
fn lines_of_refused_tokens_have_the_reason() {
    let codes = &["errors.invalidJWTToken"];
    let refused = RequestRecord { caller: None, codes, is_first: false, ..success() };
    let of_bearer = RequestRecord { status: 401, token_refusal: Some("claim:sub"), ..refused.clone() };
    let of_x_token = RequestRecord { status: 422, x_token_refusal: Some("exp"), ..refused };
    for (line, end) in [
        (of_bearer.line(None), r#""code":"errors.invalidJWTToken","tokenRefusal":"claim:sub","Requests":1,"#),
        (of_x_token.line(None), r#""code":"errors.invalidJWTToken","xTokenRefusal":"exp","Requests":1,"#),
    ] {
        assert!(line.contains(end), "{line}");
    }
}

/// With a namespace, the line is the same and also declares which members are metrics.
#[test]
fn a_namespace_declares_the_figures_as_metrics() {
    let embedded = |answered: RequestRecord<'_>| {
        let plain = answered.line(None);
        let line = answered.line(Some(&namespace()));
        let rest = line.strip_prefix(plain.trim_end_matches('}')).expect("the same line");
        rest.to_owned()
    };
    let of_all = r#"{"Dimensions":[[]],"Metrics":[{"Name":"Requests","Unit":"Count"},{"Name":"Latency","Unit":"Milliseconds"},{"Name":"TableTrips","Unit":"Count"},{"Name":"TableCalls","Unit":"Count"},{"Name":"ReadUnits","Unit":"Count"},{"Name":"WriteUnits","Unit":"Count"},{"Name":"ColdStarts","Unit":"Count"}],"Namespace":"identity"}"#;
    let of_errors =
        r#"{"Dimensions":[["code"]],"Metrics":[{"Name":"Errors","Unit":"Count"}],"Namespace":"identity"}"#;
    assert_eq!(
        embedded(success()),
        format!(r#","_aws":{{"CloudWatchMetrics":[{of_all}],"Timestamp":1767225600123}}}}"#)
    );
    assert_eq!(
        embedded(failure()),
        format!(r#","_aws":{{"CloudWatchMetrics":[{of_all},{of_errors}],"Timestamp":1767225600123}}}}"#)
    );
}

/// CloudWatch requires that every metric is a number member and every dimension is a string member.
#[test]
fn every_metric_and_dimension_is_a_member_of_the_line() {
    let namespace = namespace();
    let answered = [success(), failure()].map(|answered| answered.line(Some(&namespace)));
    for line in answered.into_iter().chain([run().line(Some(&namespace))]) {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().expect("directives") {
            for metric in directive["Metrics"].as_array().expect("metrics") {
                assert!(line[metric["Name"].as_str().expect("a name")].is_number(), "{metric}");
            }
            for dimension in directive["Dimensions"][0].as_array().expect("dimensions") {
                assert!(line[dimension.as_str().expect("a name")].is_string(), "{dimension}");
            }
        }
    }
}

#[test]
fn lines_of_runs_have_their_figures_and_the_backlog() {
    assert_eq!(
        run().line(None),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"job ended","job":"sweep-deletions","request":"run-1","Latency":12,"TableTrips":2,"TableCalls":3,"ReadUnits":2.5,"WriteUnits":6.0,"Backlog":7,"BacklogAge":90}"#
    );
}

#[test]
fn a_namespace_declares_the_age_of_the_backlog_as_metric_of_the_job() {
    assert_eq!(
        run().line(Some(&namespace())),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"job ended","job":"sweep-deletions","request":"run-1","Latency":12,"TableTrips":2,"TableCalls":3,"ReadUnits":2.5,"WriteUnits":6.0,"Backlog":7,"BacklogAge":90,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["job"]],"Metrics":[{"Name":"BacklogAge","Unit":"Seconds"}],"Namespace":"identity"}],"Timestamp":1767225600123}}"#
    );
}

/// An alarm treats the missing figure as a breach.
#[test]
fn failed_runs_have_neither_a_backlog_nor_a_metric() {
    let failed = JobRecord { backlog: None, ..run() };
    for namespace in [None, Some(&namespace())] {
        assert_eq!(
            failed.line(namespace),
            r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"ERROR","message":"job failed","job":"sweep-deletions","request":"run-1","Latency":12,"TableTrips":2,"TableCalls":3,"ReadUnits":2.5,"WriteUnits":6.0}"#
        );
    }
}

/// Callers can choose the IDs that a gateway forwards.
#[test]
fn ids_cannot_break_the_line() {
    for id in ["a\nb", "a\r\nb", "\"}", "\",\"Requests\":9,\"x\":\"", "\u{2028}\u{0}\u{1b}", "\\"] {
        let line = RequestRecord { request: id, trace: Some(id), ..success() }.line(Some(&namespace()));
        assert!(!line.contains(['\n', '\r', '\0', '\u{1b}']), "{line}");
        let read: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&read["request"], &read["trace"], &read["Requests"]),
            (&json!(id), &json!(id), &json!(1))
        );
    }
}

#[test]
fn only_valid_cloudwatch_namespaces_are_accepted() {
    for text in ["a", "Identity-1", "team/identity.test_2#3:4", &"a".repeat(255), "AWSome", "aws/x"] {
        assert_eq!(Namespace::parse(text), Ok(Namespace(text.to_owned())));
    }
    for text in ["", "AWS/Lambda", ":a", "two words", "a\n", "é", "\"", &"a".repeat(256)] {
        assert!(Namespace::parse(text).is_err(), "{text:?}");
    }
}

/// A stream that records each write separately.
struct Pieces<'a>(&'a std::sync::Mutex<Vec<String>>);

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn each_line_is_a_single_write() {
    let pieces = std::sync::Mutex::default();
    let write = lines_to(|| Pieces(&pieces));
    write("{}");
    write("[]");
    drop(write);
    assert_eq!(pieces.into_inner().expect("not poisoned"), ["{}\n", "[]\n"]);
}
