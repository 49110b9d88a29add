//! Requests with marks in all fields, names, bodies, segments and headers.

use serde_json::{Value, json};

use super::Marked;
use super::log::mark;
use crate::operations::rows::{FieldKind, Row};
use crate::support::{Caller, World};

/// Returns the marked requests to an operation by a caller with every right.
pub(super) fn of(world: &World, row: &Row, by: &Caller) -> Vec<Marked> {
    let bare = || world.call(row.method, row.path).by(by);
    let good = || bare().json_if(row.good_body());
    let json = |text: &str| bare().header("content-type", "application/json").text(text);
    let mut all = vec![
        Marked::new("nothing odd", by, good()),
        Marked::new("a method", by, world.call(&mark(), row.path).by(by)),
        Marked::new("large headers", by, good().header("cookie", &mark().repeat(8_000))),
        Marked::new("a large body", by, json(&mark().repeat(8_000))),
    ];
    for (what, path) in paths(row) {
        all.push(Marked::new(what, by, world.call(row.method, &path).by(by).json_if(row.good_body())));
    }
    for (name, value) in headers() {
        all.push(Marked::new(&name, by, good().header(&name, &value)));
    }
    if row.good_body().is_some() {
        all.extend(bodies(row).into_iter().map(|(what, body)| Marked::new(what, by, bare().json(body))));
        all.extend(texts().into_iter().map(|text| Marked::new(&text, by, json(&text))));
        let media_type = format!("text/{}", mark());
        all.push(Marked::new("a media type", by, bare().json_as(&media_type, json!({}))));
    }
    if row.method != "GET" {
        let key = mark();
        for key in [key.clone(), key, format!("{} {}", mark(), mark()), mark().repeat(40)] {
            all.push(Marked::new("a key", by, good().header("idempotency-key", &key)));
        }
        let twice = good().header("idempotency-key", &mark()).header("idempotency-key", &mark());
        all.push(Marked::new("two keys", by, twice));
    }
    all
}

/// Returns paths with a mark as each parameter and after the path.
fn paths(row: &Row) -> Vec<(String, String)> {
    let words: Vec<&str> = row.path.split('/').collect();
    let mut paths = Vec::new();
    for (place, word) in row.template.split('/').enumerate().filter(|(_, word)| word.starts_with('{')) {
        for text in [mark(), format!("{}%20{}%0a%22", mark(), mark())] {
            let mut words = words.clone();
            words[place] = &text;
            paths.push((format!("a mark as {word}"), words.join("/")));
        }
    }
    paths.push(("no route".to_owned(), format!("{}/{}/{}/{}", row.path, mark(), mark(), mark())));
    paths
}

/// Returns headers that operations read, and others.
fn headers() -> Vec<(String, String)> {
    let names = [
        "host",
        "user-agent",
        "cookie",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-token",
        "x-amzn-trace-id",
        "accept-language",
        "traceparent",
        "x-api-key",
        "referer",
    ];
    let mut headers: Vec<(String, String)> =
        names.iter().map(|name| ((*name).to_owned(), format!("{}; {}", mark(), mark()))).collect();
    headers.push((mark(), mark()));
    headers
}

/// Returns bodies with a mark as each field, in several forms, and as a name.
fn bodies(row: &Row) -> Vec<(String, Value)> {
    let good = row.good_body().expect("a body");
    let mut bodies = Vec::new();
    for field in row.fields {
        let texts = field.kind == FieldKind::LocalizedText;
        let value = || if texts { json!({"EN": mark(), "DE": mark()}) } else { json!(mark()) };
        let odd = [value(), json!([mark()]), json!({mark(): mark()}), json!(mark().repeat(600))];
        for value in odd {
            let mut body = good.clone();
            body[field.name] = value;
            bodies.push((format!("a mark as {}", field.name), body));
        }
    }
    let mut body = good.clone();
    body[mark()] = json!({mark(): [mark()]});
    bodies.push(("an unknown field".to_owned(), body));
    if row.fields.iter().any(|field| field.kind == FieldKind::Property) {
        for name in ["{employee_id}", "{color}", "{badge}", "{secret}", "{department}"] {
            bodies.push((name.to_owned(), json!({name: mark(), "{nickname}": mark()})));
        }
    }
    bodies
}

/// Returns bodies that are not JSON objects.
fn texts() -> [String; 6] {
    [
        mark(),
        format!("\"{}\"", mark()),
        format!("[{{\"{}\":1}}]", mark()),
        format!("{{\"{}\":\"{}\"", mark(), mark()),
        format!("{{\"a\":\"{0}\",\"a\":\"{0}\"}}", mark()),
        format!("{{\"{}\":\u{1}\"\u{0}{}\"}}", mark(), mark()),
    ]
}
