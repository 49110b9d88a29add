//! Holds that every request is answered, and what is logged about it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tracing::subscriber::{DefaultGuard, set_default};

use super::*;
use crate::auth::Needs;
use crate::auth::jwt::Unverified;
use crate::auth::tests::now;
use crate::host::warm_up::{token, warm_up};
use crate::http::{BASE_PATH, Method, Target};
use crate::log::{log_lines, tell_of_panic};
use crate::metrics::lines_to;
use crate::operation::HandlerFuture;
use crate::operation::tests::admitting;
use crate::rights::Right;
use crate::service::Access;
use crate::service::tests::{Service, user};
use crate::table::Key;

const TRACE: &str = "1-5759e988-bd862e3fe1be46a994272793";

type Handler = for<'a> fn(&'a Access<'a>, &'a Request) -> HandlerFuture<'a>;

fn operation(id: &'static str, rights: &'static [Right], handler: Handler) -> Operation {
    Operation { id, ..admitting(Method::GET, "/clients/{clientExtId}", Needs::All(rights), handler) }
}

fn good<'a>(_: &'a Access<'a>, request: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async { Ok(Response::ok(json!({"extId": request.parameter("clientExtId")}))) })
}

fn reading<'a>(access: &'a Access<'a>, _: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async {
        let key = Key::new(&["A"], &["A"]);
        let (_, [found]) = access.get([&key]).await?;
        Ok(Response::ok(json!(found.is_some())))
    })
}

fn complaining<'a>(_: &'a Access<'a>, _: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async {
        tracing::error!("it is wrong");
        Ok(Response::no_content())
    })
}

fn panicking<'a>(_: &'a Access<'a>, request: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async { panic!("{} is a secret", request.parameter("clientExtId")) })
}

fn raw(path: &str, authorization: &str) -> RawRequest {
    RawRequest {
        method: Method::GET,
        target: Target::Encoded(format!("{BASE_PATH}{path}")),
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: vec![("authorization".to_owned(), authorization.to_owned())],
        body: Some(Vec::new()),
        request_id: "request-1".to_owned(),
        trace_id: Some(TRACE.to_owned()),
    }
}

async fn answered(service: &Service, operation: &Operation, raw: RawRequest) -> (u16, Option<Value>) {
    let deadline = Deadline::after(Duration::from_secs(1));
    let response = respond(&service.app, [operation], raw, deadline).await;
    (response.status.as_u16(), response.body)
}

fn error(code: &str, message: &str) -> Value {
    json!({"errors": [{"code": code, "message": message}]})
}

#[tokio::test]
async fn a_handler_that_panics_answers_500_and_the_next_request_is_served() {
    let service = Service::new("panic");
    let authorization = service.bearer(&user());
    let broken = operation("broken", &[], panicking);
    let response = answered(&service, &broken, raw("/clients/100", &authorization)).await;
    assert_eq!(response, (500, Some(error("errors.fatalError", "Internal error"))));
    let sound = operation("sound", &[], good);
    let response = answered(&service, &sound, raw("/clients/100", &authorization)).await;
    assert_eq!(response, (200, Some(json!({"extId": "100"}))));
}

#[tokio::test]
async fn what_reaches_no_operation_is_answered_too() {
    let service = Service::new("no-operation");
    let operation = operation("sound", &[], good);
    let response = answered(&service, &operation, raw("/nowhere", "")).await;
    assert_eq!(response, (404, Some(error("errors.invalidUri", "No resource exists at this address"))));
    let mut other = raw("/clients/100", "");
    other.method = Method::DELETE;
    let response = answered(&service, &operation, other).await;
    assert_eq!(response, (405, Some(error("errors.unsupportedOperation", "Method not allowed"))));
    let mut large = raw("/clients/100", "");
    large.body = Some(vec![b' '; 70_000]);
    assert_eq!(answered(&service, &operation, large).await.0, 413);
    let unknown = answered(&service, &operation, raw("/clients/100", "Bearer x")).await;
    assert_eq!(unknown, (401, Some(error("errors.invalidJWTToken", "Invalid JWT token."))));
}

/// What is logged, kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Takes what this thread logs and the filter lets through, until the value is dropped.
    fn collect(&self, filter: &str) -> DefaultGuard {
        let writer = self.clone();
        set_default(log_lines(filter, move || writer.clone()).expect("a filter"))
    }

    /// The lines, each without the members that a test cannot know.
    fn lines(&self, unknown: &[&str]) -> Vec<Value> {
        let text = self.0.lock().expect("not poisoned").clone();
        let lines = String::from_utf8(text).expect("UTF-8");
        let line = |line: &str| {
            let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
            let members = line.as_object_mut().expect("an object");
            for name in unknown {
                assert!(members.remove(*name).is_some(), "{name}");
            }
            line
        };
        lines.lines().map(line).collect()
    }
}

/// The service, which writes the lines of its answers into the log.
fn logging(region: &'static str, log: &Log) -> Service {
    let mut service = Service::new(region);
    service.app = telling(service.app, log);
    service
}

/// The same service, which writes the lines of its answers into the log from now on.
fn telling(app: App, log: &Log) -> App {
    let log = log.clone();
    app.log_requests_to(lines_to(move || log.clone()))
}

#[tokio::test]
async fn one_line_is_written_a_request_and_names_nobody() {
    let log = Log::default();
    let service = logging("log", &log);
    let authorization = service.bearer(&user());
    let (sound, refusing) =
        (operation("sound", &[], reading), operation("refusing", &[Right::ClientView], good));
    answered(&service, &sound, raw("/clients/100", &authorization)).await;
    answered(&service, &refusing, raw("/clients/100", &authorization)).await;
    answered(&service, &refusing, raw("/clients/100", "Bearer x")).await;
    answered(&service, &refusing, raw("/clients/secret/secret", "secret")).await;
    let mut large = raw("/clients/100", "secret");
    large.body = Some(vec![b' '; 70_000]);
    answered(&service, &refusing, large).await;
    let line = |operation: &str, caller: Option<&str>, status: u16, code: Option<&str>| {
        let mut line = json!({
            "timestamp": now().to_string(),
            "level": "INFO",
            "message": "answered",
            "operation": operation,
            "request": "request-1",
            "trace": TRACE,
            "status": status,
            "codes": code.unwrap_or_default(),
            "Requests": 1,
            "TableTrips": u8::from(operation == "sound"),
            "TableCalls": u8::from(operation == "sound"),
            "ReadUnits": 0.0,
            "WriteUnits": 0.0,
            "ColdStarts": u8::from(operation == "sound"),
        });
        if let Some(caller) = caller {
            line["caller"] = caller.into();
        }
        if let Some(code) = code {
            line["code"] = code.into();
            line["Errors"] = 1.into();
        }
        line
    };
    let hash = &sha256_hex("100/user-123")[..16];
    let expected = [
        line("sound", Some(hash), 200, None),
        line("refusing", Some(hash), 403, Some("errors.insufficientRightsFunction")),
        line("refusing", None, 401, Some("errors.invalidJWTToken")),
        line("none", None, 404, Some("errors.invalidUri")),
        line("refusing", None, 413, Some("errors.invalidData")),
    ];
    assert_eq!(log.lines(&["Latency"]), expected);
}

/// A function refuses a request of its own while it starts; that is nobody's, and leaves no trace.
#[tokio::test]
async fn a_rehearsal_asks_no_table_writes_no_line_and_is_not_the_first_answer() {
    let service = Service::new("rehearsal");
    let authorization = service.bearer(&user());
    let sound = operation("sound", &[], good);
    warm_up(&service.app, &sound, Deadline::after(Duration::from_secs(1))).await;
    assert!(service.asked().is_empty());
    let log = Log::default();
    let app = telling(service.app, &log);
    let request = raw("/clients/100", &authorization);
    respond(&app, [&sound], request, Deadline::after(Duration::from_secs(1))).await;
    let told: Vec<Value> = log.lines(&[]).iter().map(|line| line["ColdStarts"].clone()).collect();
    assert_eq!(told, [json!(1)]);
}

/// It is refused for its signature, which is checked against a key, and not for its form before.
#[tokio::test]
async fn the_token_of_a_rehearsal_is_read() {
    let service = Service::new("rehearsed-token");
    let token = token(service.app.algorithm().await.expect("a key"));
    let read = Unverified::read(&token).expect("a token");
    assert_eq!(read.key_id(), Ok(None));
    assert!(token.starts_with("eyJhbGciOiJFZERTQSJ9."), "{token}");
}

/// Whatever else is logged while a request is under way can be found by its id and its trace's,
/// even where the filter lets nothing but errors through.
#[tokio::test]
async fn every_other_line_of_a_request_names_it_and_its_trace() {
    let service = Service::new("followed");
    let authorization = service.bearer(&user());
    let log = Log::default();
    let guard = log.collect("error");
    let complaining = operation("complaining", &[], complaining);
    answered(&service, &complaining, raw("/clients/100", &authorization)).await;
    let mut untraced = raw("/clients/100", &authorization);
    untraced.trace_id = None;
    answered(&service, &complaining, untraced).await;
    drop(guard);
    let line = |span: Value| {
        let target = "shared::host::respond::tests";
        json!({"level": "ERROR", "target": target, "message": "it is wrong", "span": span})
    };
    let expected = [
        line(json!({"name": "request", "request": "request-1", "trace": TRACE})),
        line(json!({"name": "request", "request": "request-1"})),
    ];
    assert_eq!(log.lines(&["timestamp"]), expected);
}

/// A caller can choose the ids that a gateway hands on, and the table is asked for what it says.
#[tokio::test]
async fn a_text_from_outside_is_cut_and_made_visible_in_every_line() {
    let endless = "a".repeat(10_000);
    for (id, shown) in [
        ("a\nb", "a?b"),
        ("a\r\n{\"level\":\"INFO\"}", "a??{\"level\":\"INFO\"}"),
        ("\u{1b}[2J \u{0}\u{7f}\u{202e}\u{e4}\u{1f4a9}", "?[2J??????"),
        (&endless, &endless[..256]),
        (&"\u{e4}".repeat(200), &"?".repeat(200)),
    ] {
        let log = Log::default();
        let service = logging("outside", &log);
        let guard = log.collect("info");
        let complaining = operation("complaining", &[], complaining);
        let mut request = raw("/clients/100", &service.bearer(&user()));
        (request.request_id, request.trace_id) = (id.to_owned(), Some(id.to_owned()));
        answered(&service, &complaining, request).await;
        drop(guard);
        let lines = log.lines(&["timestamp"]);
        let ids = |value: &Value| (value["request"].clone(), value["trace"].clone());
        let shown = (json!(shown), json!(shown));
        assert_eq!(
            lines.iter().map(|line| line["message"].clone()).collect::<Vec<_>>(),
            ["it is wrong", "answered"]
        );
        assert_eq!((ids(&lines[0]["span"]), ids(&lines[1])), (shown.clone(), shown));
    }
}

/// Whoever calls the function with something else than a gateway's event is seen, too.
#[tokio::test]
async fn what_is_no_event_of_a_gateway_is_refused_with_one_line() {
    let log = Log::default();
    let service = logging("no-event", &log);
    let operation = operation("sound", &[], good);
    let events =
        ["null", "[]", "{}", r#"{"Records":[{"body":"secret"}]}"#, r#"{"version":"2.0"}"#, r#""\ud800""#];
    for event in events {
        let deadline = Deadline::after(Duration::from_secs(1));
        let header = format!("Root={TRACE};Sampled=1");
        let answer =
            respond_to_event(&service.app, [&operation], event, ("request-1", Some(&header)), deadline).await;
        let text = "The request body is not a valid JSON object";
        let mut expected = json!({
            "statusCode": 400,
            "headers": {"cache-control": "no-store", "content-type": "application/json"},
            "body": error("errors.jsonProcessingError", text).to_string(),
            "isBase64Encoded": false,
        });
        if event.contains("2.0") {
            expected["cookies"] = json!([]);
        }
        assert_eq!(answer, expected, "{event}");
    }
    let line = |cold_starts: u8| {
        json!({
            "timestamp": now().to_string(),
            "level": "INFO",
            "message": "answered",
            "operation": "none",
            "request": "request-1",
            "trace": TRACE,
            "status": 400,
            "codes": "errors.jsonProcessingError",
            "code": "errors.jsonProcessingError",
            "Requests": 1,
            "Latency": 0,
            "TableTrips": 0,
            "TableCalls": 0,
            "ReadUnits": 0.0,
            "WriteUnits": 0.0,
            "ColdStarts": cold_starts,
            "Errors": 1,
        })
    };
    assert_eq!(log.lines(&[]), [1, 0, 0, 0, 0, 0].map(line));
}

/// What a panic says may quote a request.
#[tokio::test]
async fn of_a_panic_the_place_is_logged_and_not_the_text() {
    let log = Log::default();
    let service = Service::new("panic-log");
    let guard = log.collect("info");
    // Other tests want to see what their panics say.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(tell_of_panic));
    let broken = operation("broken", &[], panicking);
    let response = answered(&service, &broken, raw("/clients/100", &service.bearer(&user()))).await;
    std::panic::set_hook(before);
    drop(guard);
    assert_eq!(response, (500, Some(error("errors.fatalError", "Internal error"))));
    let mut lines = log.lines(&["timestamp"]);
    let location = lines[0]["location"].take();
    assert!(
        location.as_str().is_some_and(|place| place.starts_with("shared/src/host/respond/tests.rs:")),
        "{location}"
    );
    let expected = json!({
        "level": "ERROR", "target": "shared::log", "message": "a panic", "location": null,
        "span": {"name": "request", "request": "request-1", "trace": TRACE},
    });
    assert_eq!(lines, [expected]);
}
