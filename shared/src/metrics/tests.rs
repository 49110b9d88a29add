//! Holds the line to the letter, in both forms.

use super::*;

const TRACE: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn answered() -> RequestRecord<'static> {
    RequestRecord {
        at: Timestamp::parse("2026-01-01T00:00:00.123Z").expect("a moment"),
        operation: "create-consent",
        request: "request-1",
        trace: Some(TRACE),
        caller: Some("0123456789abcdef"),
        status: 201,
        codes: &[],
        latency: Duration::from_micros(12_999),
        usage: Usage { trips: 2, calls: 3, read_units: 2.5, write_units: 6.0 },
        is_first: true,
    }
}

fn refused() -> RequestRecord<'static> {
    let codes = &["errors.property.stringregex", "errors.invalidData"];
    RequestRecord { status: 422, codes, is_first: false, ..answered() }
}

fn namespace() -> Namespace {
    Namespace::parse("identity").expect("a namespace")
}

#[test]
fn the_line_of_a_success_holds_its_figures() {
    assert_eq!(
        answered().line(None),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"answered","operation":"create-consent","request":"request-1","trace":"1-5759e988-bd862e3fe1be46a994272793","caller":"0123456789abcdef","status":201,"codes":"","Requests":1,"Latency":12,"TableTrips":2,"TableCalls":3,"ReadUnits":2.5,"WriteUnits":6.0,"ColdStarts":1}"#
    );
}

#[test]
fn the_line_of_an_error_holds_all_codes_and_counts_the_first() {
    let unknown = RequestRecord { trace: None, caller: None, usage: Usage::default(), ..refused() };
    assert_eq!(
        unknown.line(None),
        r#"{"timestamp":"2026-01-01T00:00:00.123Z","level":"INFO","message":"answered","operation":"create-consent","request":"request-1","status":422,"codes":"errors.property.stringregex errors.invalidData","code":"errors.property.stringregex","Requests":1,"Latency":12,"TableTrips":0,"TableCalls":0,"ReadUnits":0.0,"WriteUnits":0.0,"ColdStarts":0,"Errors":1}"#
    );
}

/// With a namespace the line is the same, and says at its end which of its members are metrics.
#[test]
fn a_namespace_makes_the_figures_metrics() {
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
        embedded(answered()),
        format!(r#","_aws":{{"CloudWatchMetrics":[{of_all}],"Timestamp":1767225600123}}}}"#)
    );
    assert_eq!(
        embedded(refused()),
        format!(r#","_aws":{{"CloudWatchMetrics":[{of_all},{of_errors}],"Timestamp":1767225600123}}}}"#)
    );
}

/// As the format demands: what is named a metric is a number of the line, what is named a dimension
/// is a text of it.
#[test]
fn every_metric_and_every_dimension_is_a_member_of_the_line() {
    for answered in [answered(), refused()] {
        let line: Value = serde_json::from_str(&answered.line(Some(&namespace()))).expect("JSON");
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

/// A caller can choose the ids that a gateway hands on.
#[test]
fn no_id_makes_two_lines_or_breaks_the_line() {
    for id in ["a\nb", "a\r\nb", "\"}", "\",\"Requests\":9,\"x\":\"", "\u{2028}\u{0}\u{1b}", "\\"] {
        let line = RequestRecord { request: id, trace: Some(id), ..answered() }.line(Some(&namespace()));
        assert!(!line.contains(['\n', '\r', '\0', '\u{1b}']), "{line}");
        let read: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&read["request"], &read["trace"], &read["Requests"]),
            (&json!(id), &json!(id), &json!(1))
        );
    }
}

#[test]
fn a_namespace_is_one_that_cloudwatch_takes() {
    for text in ["a", "Identity-1", "team/identity.test_2#3:4", &"a".repeat(255), "AWSome", "aws/x"] {
        assert_eq!(Namespace::parse(text), Ok(Namespace(text.to_owned())));
    }
    for text in ["", "AWS/Lambda", ":a", "two words", "a\n", "é", "\"", &"a".repeat(256)] {
        assert!(Namespace::parse(text).is_err(), "{text:?}");
    }
}

/// A stream that remembers what it was given at once.
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
fn a_line_is_written_in_one_piece() {
    let pieces = std::sync::Mutex::default();
    let write = lines_to(|| Pieces(&pieces));
    write("{}");
    write("[]");
    drop(write);
    assert_eq!(pieces.into_inner().expect("not poisoned"), ["{}\n", "[]\n"]);
}
