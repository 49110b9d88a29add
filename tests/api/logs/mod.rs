//! Logs: one line for each event, without data of callers or of the table.
//!
//! Every text of every request is marked: in fields, headers and segments, of valid and invalid
//! requests. No captured line contains a mark.

mod log;
mod refusals;
mod requests;
mod table;
mod tokens;

use functions::OPERATIONS;
use serde_json::{Value, json};
use shared::clock::Deadline;
use shared::error::TokenRefusal;
use shared::host::respond_to_event;
use shared::ids::sha256_hex;

use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::call::{Call, Sent};
use crate::support::caller::ROOT;
use crate::support::events::Gateway;
use crate::support::target::{Kind, leaves_out};
use crate::support::{Answer, Caller, World};

use self::log::{Log, STEM, mark, marks};

for_each_operation!(requests_are_not_logged, events_are_not_logged);

/// A request whose content must not be logged.
struct Marked {
    what: String,
    by: Caller,
    sent: Sent,
}

impl Marked {
    fn new(what: impl Into<String>, by: &Caller, call: Call<'_>) -> Self {
        Self { what: what.into(), by: by.clone(), sent: call.sent() }
    }
}

/// Returns true if another process logs.
fn are_left_out() -> bool {
    leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "the log of another process")
}

/// Returns a caller with every right whose client and subject are marks.
fn somebody() -> Caller {
    Caller::new(&mark(), &mark()).with(ROOT, Some(&["*"]), None)
}

/// Asserts that one line was logged for a response, with these members only.
fn assert_line(world: &World, caller: &Caller, operation: &str, answer: &Answer, what: &str) {
    let [line] = world.lines().try_into().unwrap_or_else(|lines| panic!("{what}: {lines:?}"));
    let codes: Vec<&str> = answer.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["code"].as_str().expect("a code"))
        .collect();
    let reached = answer.status != 405 && codes.first() != Some(&"errors.invalidUri");
    let is_known = reached && !matches!(answer.status, 401 | 413);
    let noun = OPERATIONS.iter().find(|known| known.id == operation).expect("an operation").noun();
    let [operation, noun] = if reached { [operation, noun] } else { ["none"; 2] };
    let mut expected = json!({
        "level": "INFO", "message": "answered", "operation": operation, "noun": noun,
        "status": answer.status, "codes": codes.join(" "), "Requests": 1,
    });
    if let Some(code) = codes.first() {
        (expected["code"], expected["Errors"]) = (json!(code), json!(1));
    }
    if codes == ["errors.invalidJWTToken"] {
        let name = if answer.status == 401 { "tokenRefusal" } else { "xTokenRefusal" };
        let is_word = |word: &Value| TokenRefusal::all().any(|refusal| *word == refusal.to_string());
        assert!(is_word(&line[name]), "{what}: {line}");
        expected[name] = line[name].clone();
    }
    if is_known {
        let name = format!("{}/{}", world.names().fill(&caller.client), world.names().fill(&caller.subject));
        expected["caller"] = json!(&sha256_hex(&name)[..16]);
    }
    let mut line = line.as_object().expect("an object").clone();
    let mut rest = Vec::new();
    line.retain(|name, value| {
        let is_compared = expected.get(name).is_some();
        if !is_compared {
            rest.push(format!("{name} {}", if value.is_number() { "number" } else { "text" }));
        }
        is_compared
    });
    assert_eq!(Value::Object(line), expected, "{what}");
    let figures = ["ColdStarts", "Latency", "ReadUnits", "TableCalls", "TableTrips", "WriteUnits"];
    let figures = figures.map(|name| format!("{name} number"));
    rest.sort_unstable();
    assert_eq!(
        rest,
        [&figures[..], &["request text", "timestamp text"].map(str::to_owned)].concat(),
        "{what}"
    );
}

/// Sends every marked request to an operation.
async fn send_all(world: &World, row: &Row) {
    let log = Log::default();
    let collecting = log.collect();
    let caller = somebody();
    let mut secrets = vec![world.bearer(&caller)];
    let tokens = tokens::of(world, row, &mut secrets);
    for Marked { what, by, sent } in requests::of(world, row, &caller).into_iter().chain(tokens) {
        let answer = world.answer(sent).await;
        assert_line(world, &by, row.id, &answer, &what);
    }
    drop(collecting);
    log.assert_contains_no(&secrets);
    println!(
        "{} marks and {} secrets, {} lines besides those of responses",
        marks(),
        secrets.len(),
        log.lines().len()
    );
}

async fn requests_are_not_logged(row: &'static Row) {
    if are_left_out() {
        return;
    }
    send_all(&World::furnished().await, row).await;
    assert!(marks() >= 50, "{}", marks());
}

async fn events_are_not_logged(row: &'static Row) {
    if are_left_out() {
        return;
    }
    for gateway in [Gateway::RestApi, Gateway::HttpApi, Gateway::HttpApiDefaultRoute] {
        send_all(&World::behind(gateway).await, row).await;
    }
}

/// The separator of client and subject may occur in both.
#[tokio::test]
async fn callers_with_similar_names_are_logged_as_different_ones() {
    if are_left_out() {
        return;
    }
    let world = World::furnished().await;
    let callers = [("200/a", "b"), ("200", "a/b"), ("200", "a%2Fb"), ("200%2Fa", "b"), ("200/a/b", "c")];
    let mut hashes = Vec::new();
    for (client, subject) in callers {
        world.get("/clients/{client-123}").by(&Caller::new(client, subject)).send().await;
        let [line] = world.lines().try_into().expect("one line");
        hashes.push(line["caller"].as_str().expect("a hash").to_owned());
    }
    let names = ["200%2Fa/b", "200/a%2Fb", "200/a%252Fb", "200%252Fa/b", "200%2Fa%2Fb/c"];
    assert_eq!(hashes, names.map(|name| sha256_hex(name)[..16].to_owned()));
}

#[tokio::test]
async fn events_of_other_senders_are_not_logged() {
    if are_left_out() {
        return;
    }
    let world = World::furnished().await;
    let log = Log::default();
    let collecting = log.collect();
    for event in [
        json!({"Records": [{"body": mark(), "messageId": mark()}]}),
        json!({"version": "2.0", "rawPath": 1, "headers": {"authorization": mark()}}),
        json!({"httpMethod": format!("{} {}", mark(), mark()), "path": mark()}),
        json!({"headers": mark(), "body": mark()}),
        json!(mark()),
    ] {
        let deadline = Deadline::after(std::time::Duration::from_secs(9));
        let ids = ("invocation", None);
        let answer =
            respond_to_event(world.app(), functions::OPERATIONS, &event.to_string(), ids, deadline).await;
        assert_eq!(answer["statusCode"], 400, "{event}");
        let [line] = world.lines().try_into().expect("one line");
        assert_eq!((&line["operation"], &line["request"]), (&json!("none"), &json!("invocation")), "{event}");
        assert!(!line.to_string().contains(STEM), "{line}");
    }
    drop(collecting);
    log.assert_contains_no(&[]);
}
