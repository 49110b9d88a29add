//! Bodies that are deep, wide or huge, have duplicate members, or values of the wrong type.

use serde_json::{Value, json};

use super::Trial;
use crate::operations::bodies::broken;
use crate::operations::for_each_operation;
use crate::operations::rows::{Field, FieldKind, Presence, Row};
use crate::support::answer::invalid_fields;
use crate::support::items::Changes;

for_each_operation!(
    responses_to_values_of_any_type_are_documented,
    responses_to_deep_bodies_are_documented,
    responses_to_wide_bodies_are_documented,
    responses_to_huge_bodies_are_documented,
    duplicate_members_are_rejected_at_any_depth,
);

/// Maximum size of a body.
const MOST: usize = 64 * 1024;

/// JSON values, some of them unusual, and texts that are not JSON.
const VALUES: [&str; 58] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e0",
    "1E+2",
    "1e308",
    "1e309",
    "-1e309",
    "1e-400",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1e-999",
    "\"\"",
    "\" \"",
    "\"a\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud800a\"",
    "\"null\"",
    "\"{}\"",
    "[]",
    "[null]",
    "[[]]",
    "[\"a\"]",
    "[{}]",
    "{}",
    "{\"\":\"\"}",
    "{\"EN\":null}",
    "{\"EN\":{}}",
    "{\"EN\":[]}",
    "{\"EN\":1}",
    "{\"__proto__\":{}}",
    "NaN",
    "Infinity",
    "-Infinity",
    "undefined",
    "'a'",
    "01",
    "+1",
    ".5",
    "1.",
    "0x1",
    "\"\\x\"",
    "\"\\u12\"",
    "\"a",
    "[1,]",
    "{\"a\"}",
    "/**/1",
    "1 2",
    "",
];

/// Returns the body of a valid request as text, with another text as a field's value.
fn text_with(trial: &mut Trial, row: &Row, field: &Field, value: &str) -> String {
    let mut body = trial.body(row);
    body[field.name] = json!("MARK");
    trial.world.names().fill(&body.to_string()).replace("\"MARK\"", value)
}

/// Sends a body and returns the status. Asserts that the response is documented.
async fn send_body(trial: &Trial, row: &Row, text: String, what: &str) -> u16 {
    trial.send(row, trial.call_with(row, text), what).await.status
}

async fn responses_to_values_of_any_type_are_documented(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    for field in row.fields {
        for value in VALUES {
            let text = text_with(&mut trial, row, field, value);
            let is_json = serde_json::from_str::<Value>(&text).is_ok();
            let status = send_body(&trial, row, text, &format!("{value} as {}", field.name)).await;
            assert_eq!(status == 400, !is_json, "{value} as {}", field.name);
        }
    }
}

/// Up to 127 levels are read, including the body itself. A deeper body is rejected as malformed.
async fn responses_to_deep_bodies_are_documented(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    for field in row.fields {
        for depth in [1, 2, 10, 100, 126, 127, 128, 129, 1000, 5000] {
            for (open, end, close) in [("[", "", "]"), ("{\"a\":", "1", "}"), ("[{\"EN\":", "[]", "}]")] {
                let value = format!("{}{end}{}", open.repeat(depth), close.repeat(depth));
                let levels = depth * open.matches(['[', '{']).count() + usize::from(end == "[]");
                let text = text_with(&mut trial, row, field, &value);
                let status = send_body(&trial, row, text, &format!("{levels} levels of {open}")).await;
                assert_eq!(status == 400, levels > 126, "{levels} levels of {open}");
            }
        }
    }
}

/// All of many invalid fields are named, in alphabetical order.
async fn responses_to_wide_bodies_are_documented(row: &'static Row) {
    if row.good_body().is_none() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    for count in [100, 5000] {
        let names: Vec<String> = (0..count).map(|number| format!("f{number:04}")).collect();
        let mut body = trial.body(row);
        for name in &names {
            body[name] = json!(0);
        }
        let answer = trial.send(row, trial.call(row).json(body), format!("{count} fields")).await;
        assert_eq!(answer, invalid_fields(&names.join(", ")), "{count} fields");
    }
    for field in row.fields {
        for (open, unit, close) in [("[", "0", "]"), ("[", "\"a\"", "]"), ("[", "[]", "]")] {
            let value = format!("{open}{}{close}", vec![unit; 12_000].join(","));
            let text = text_with(&mut trial, row, field, &value);
            assert_eq!(send_body(&trial, row, text, &format!("many {unit}")).await, 422, "many {unit}");
        }
        let languages: Vec<String> = (0..4000).map(|number| format!("\"L{number:04}\":\"\"")).collect();
        let text = text_with(&mut trial, row, field, &format!("{{{}}}", languages.join(",")));
        assert_eq!(send_body(&trial, row, text, "many languages").await, 422);
    }
}

/// Bodies of the maximum size: in any field, in a name, in a number, in white space.
async fn responses_to_huge_bodies_are_documented(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    for field in row.fields {
        for unit in ["a", "\u{c4}", "\\u0000", "\\\"", "\u{9f}", "\u{1f4a9}", "/", "\\ud83d\\ude00"] {
            let room = MOST - text_with(&mut trial, row, field, "{\"EN\":\"\"}").len() - 16;
            let value = unit.repeat(room / unit.len());
            for value in
                [format!("\"{value}\""), format!("{{\"EN\":\"{value}\"}}"), format!("{{\"{value}\":1}}")]
            {
                let text = text_with(&mut trial, row, field, &value);
                assert!(text.len() <= MOST, "{}", text.len());
                let what = format!("a huge {} of {unit}", field.name);
                assert_eq!(send_body(&trial, row, text, &what).await / 100, 4, "{what}");
            }
        }
        for value in
            ["9".repeat(60_000), format!("0.{}", "3".repeat(60_000)), format!("1e-{}", "9".repeat(60_000))]
        {
            let text = text_with(&mut trial, row, field, &value);
            let status = send_body(&trial, row, text, "a huge number").await;
            // A very small number is 0.
            let is_zero = field.kind == FieldKind::Number && value.starts_with("1e-");
            assert!(status / 100 == 4 || is_zero && status == row.success, "{status}");
        }
        let text = format!("{{\"{}\":1}}", "n".repeat(60_000));
        assert_eq!(send_body(&trial, row, text, "a huge name").await, 422);
        let text = text_with(&mut trial, row, field, "null");
        let text = format!("{}{text}{}", "\n\t".repeat(15_000), " \r".repeat(15_000));
        let status = send_body(&trial, row, text, "much white space").await;
        let may_be_refused = field.presence != Presence::Optional || !row.is_repeatable;
        assert!(status == row.success || may_be_refused && status == 422, "{status}");
    }
}

/// A duplicate member is rejected at any depth and in any spelling.
async fn duplicate_members_are_rejected_at_any_depth(row: &'static Row) {
    if row.fields.is_empty() {
        return;
    }
    let Some(mut trial) = Trial::start().await else { return };
    let before = trial.items().await;
    for field in row.fields {
        for value in [
            "{\"EN\":\"a\",\"EN\":\"a\"}",
            "{\"EN\":\"a\",\"\\u0045N\":\"b\"}",
            "{\"\":1,\"\":1}",
            "{\"\\u0000\":1,\"\\u0000\":2}",
            "[{\"a\":1},{\"a\":1,\"b\":2,\"a\":3}]",
            "{\"EN\":{\"a\":{\"b\":[{\"c\":1,\"c\":1}]}}}",
            "{\"EN\":null,\"EN\":null}",
            "{\"\\ud83d\\ude00\":1,\"\u{1f600}\":2}",
        ] {
            let text = text_with(&mut trial, row, field, value);
            let answer =
                trial.send(row, trial.call_with(row, text), format!("{value} as {}", field.name)).await;
            assert_eq!(answer, broken(), "{value} as {}", field.name);
        }
        let text = text_with(&mut trial, row, field, "1");
        let doubled = format!("{{\"{}\":null,{}", trial.world.names().fill(field.name), &text[1..]);
        let answer = trial.send(row, trial.call_with(row, doubled), "a duplicate field").await;
        assert_eq!(answer, broken(), "{} twice", field.name);
    }
    assert_eq!(trial.items().await.since(&before), Changes::none());
}
