//! Tests that every request receives a response, and what is logged about it.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::auth::Needs;
use crate::auth::tests::now;
use crate::host::warm_up::{token, warm_up};
use crate::http::{BASE_PATH, Method, Target};
use crate::log::log_panic;
use crate::log::tests::Log;
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
    Operation { id, ..admitting(Method::GET, "/clients/{clientExtId}", Needs::all(rights), handler) }
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

fn logging_an_error<'a>(_: &'a Access<'a>, _: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async {
        tracing::error!("something failed");
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

async fn response_to(service: &Service, operation: &Operation, raw: RawRequest) -> (u16, Option<Value>) {
    let deadline = Deadline::after(Duration::from_secs(1));
    let response = respond(&service.app, [operation], raw, deadline).await;
    (response.status.as_u16(), response.body)
}

fn error(code: &str, message: &str) -> Value {
    json!({"errors": [{"code": code, "message": message}]})
}

#[tokio::test]
async fn a_panicking_handler_responds_500_and_the_next_request_is_served() {
    let service = Service::new("panic");
    let authorization = service.bearer(&user());
    let broken = operation("broken", &[], panicking);
    let response = response_to(&service, &broken, raw("/clients/100", &authorization)).await;
    assert_eq!(response, (500, Some(error("errors.fatalError", "Internal error"))));
    let sound = operation("sound", &[], good);
    let response = response_to(&service, &sound, raw("/clients/100", &authorization)).await;
    assert_eq!(response, (200, Some(json!({"extId": "100"}))));
}

#[tokio::test]
async fn requests_without_an_operation_receive_an_error() {
    let service = Service::new("no-operation");
    let operation = operation("sound", &[], good);
    let response = response_to(&service, &operation, raw("/nowhere", "")).await;
    assert_eq!(response, (404, Some(error("errors.invalidUri", "No resource exists at this address"))));
    let mut other = raw("/clients/100", "");
    other.method = Method::DELETE;
    let response = response_to(&service, &operation, other).await;
    assert_eq!(response, (405, Some(error("errors.unsupportedOperation", "Method not allowed"))));
    let mut large = raw("/clients/100", "");
    large.body = Some(vec![b' '; 70_000]);
    assert_eq!(response_to(&service, &operation, large).await.0, 413);
    let unknown = response_to(&service, &operation, raw("/clients/100", "Bearer x")).await;
    assert_eq!(unknown, (401, Some(error("errors.invalidJWTToken", "Invalid JWT token."))));
}

/// Returns a service whose request log is written to this log.
fn logging(region: &'static str, log: &Log) -> Service {
    let mut service = Service::new(region);
    service.app = logging_to(service.app, log);
    service
}

/// Returns the service with this log as the destination of its request log.
fn logging_to(app: App, log: &Log) -> App {
    let log = log.clone();
    app.log_requests_to(lines_to(move || log.clone()))
}

#[tokio::test]
async fn one_line_is_logged_per_request_without_the_callers_name() {
    let log = Log::default();
    let service = logging("log", &log);
    let authorization = service.bearer(&user());
    let (sound, refusing) =
        (operation("sound", &[], reading), operation("refusing", &[Right::ClientView], good));
    response_to(&service, &sound, raw("/clients/100", &authorization)).await;
    response_to(&service, &refusing, raw("/clients/100", &authorization)).await;
    response_to(&service, &refusing, raw("/clients/100", "Bearer x")).await;
    response_to(&service, &refusing, raw("/clients/secret/secret", "secret")).await;
    let mut large = raw("/clients/100", "secret");
    large.body = Some(vec![b' '; 70_000]);
    response_to(&service, &refusing, large).await;
    let line = |operation: &str, caller: Option<&str>, status: u16, code: Option<&str>| {
        let mut line = json!({
            "timestamp": now().to_string(),
            "level": "INFO",
            "message": "answered",
            "operation": operation,
            "noun": if operation == "none" { "none" } else { "clients" },
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
    let mut refused = line("refusing", None, 401, Some("errors.invalidJWTToken"));
    refused["tokenRefusal"] = "malformed".into();
    let expected = [
        line("sound", Some(hash), 200, None),
        line("refusing", Some(hash), 403, Some("errors.insufficientRightsFunction")),
        refused,
        line("none", None, 404, Some("errors.invalidUri")),
        line("refusing", None, 413, Some("errors.invalidData")),
    ];
    assert_eq!(log.lines(&["Latency"]), expected);
}

/// The request that warms up a function belongs to no caller, so it must leave no trace.
#[tokio::test]
async fn a_warm_up_calls_no_table_logs_no_line_and_is_not_the_first_request() {
    let service = Service::new("warm-up");
    let authorization = service.bearer(&user());
    let sound = operation("sound", &[], good);
    warm_up(&service.app, &sound, Deadline::after(Duration::from_secs(1))).await;
    assert!(service.calls().is_empty());
    let log = Log::default();
    let app = logging_to(service.app, &log);
    let request = raw("/clients/100", &authorization);
    respond(&app, [&sound], request, Deadline::after(Duration::from_secs(1))).await;
    let cold_starts: Vec<Value> = log.lines(&[]).iter().map(|line| line["ColdStarts"].clone()).collect();
    assert_eq!(cold_starts, [json!(1)]);
}

/// The request must be rejected for its signature, which exercises verification, and not for its form.
#[tokio::test]
async fn the_token_of_a_warm_up_is_well_formed() {
    let service = Service::new("warm-up-token");
    let token = token(service.app.issuer_and_algorithm().await.expect("a key"));
    let mut rejected = raw("/clients/100", &format!("Bearer {token}"));
    rejected.request_id = "warm-up".to_owned();
    let log = Log::default();
    let app = logging_to(service.app, &log);
    respond(&app, [&operation("sound", &[], good)], rejected, Deadline::after(Duration::from_secs(1))).await;
    let refusals: Vec<Value> = log.lines(&[]).iter().map(|line| line["tokenRefusal"].clone()).collect();
    assert_eq!(refusals, [json!("signature")]);
}

/// All other lines of a request can be found by its request ID and its trace ID, even if the filter
/// passes only errors.
#[tokio::test]
async fn all_lines_of_a_request_carry_its_ids() {
    let service = Service::new("followed");
    let authorization = service.bearer(&user());
    let log = Log::default();
    let guard = log.collect("error");
    let logging_an_error = operation("logging_an_error", &[], logging_an_error);
    response_to(&service, &logging_an_error, raw("/clients/100", &authorization)).await;
    let mut untraced = raw("/clients/100", &authorization);
    untraced.trace_id = None;
    response_to(&service, &logging_an_error, untraced).await;
    drop(guard);
    let line = |span: Value| {
        let target = "shared::host::respond::tests";
        json!({"level": "ERROR", "target": target, "message": "something failed", "span": span})
    };
    let expected = [
        line(json!({"name": "request", "request": "request-1", "trace": TRACE})),
        line(json!({"name": "request", "request": "request-1"})),
    ];
    assert_eq!(log.lines(&["timestamp"]), expected);
}

/// Callers can choose the IDs that a gateway forwards and influence what the table reports.
#[tokio::test]
async fn external_text_is_truncated_and_sanitised_in_every_line() {
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
        let logging_an_error = operation("logging_an_error", &[], logging_an_error);
        let mut request = raw("/clients/100", &service.bearer(&user()));
        (request.request_id, request.trace_id) = (id.to_owned(), Some(id.to_owned()));
        response_to(&service, &logging_an_error, request).await;
        drop(guard);
        let lines = log.lines(&["timestamp"]);
        let ids = |value: &Value| (value["request"].clone(), value["trace"].clone());
        let shown = (json!(shown), json!(shown));
        assert_eq!(
            lines.iter().map(|line| line["message"].clone()).collect::<Vec<_>>(),
            ["something failed", "answered"]
        );
        assert_eq!((ids(&lines[0]["span"]), ids(&lines[1])), (shown.clone(), shown));
    }
}

/// Invocations with other events are logged too.
#[tokio::test]
async fn invalid_events_are_rejected_and_logged() {
    let log = Log::default();
    let service = logging("no-event", &log);
    let operation = operation("sound", &[], good);
    let events =
        ["null", "[]", "{}", r#"{"Records":[{"body":"secret"}]}"#, r#"{"version":"2.0"}"#, r#""\ud800""#];
    for event in events {
        let deadline = Deadline::after(Duration::from_secs(1));
        let header = format!("Root={TRACE};Sampled=1");
        let response =
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
        assert_eq!(response, expected, "{event}");
    }
    let line = |cold_starts: u8| {
        json!({
            "timestamp": now().to_string(),
            "level": "INFO",
            "message": "answered",
            "operation": "none",
            "noun": "none",
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

/// The message of a panic may quote a request.
#[tokio::test]
async fn panics_are_logged_with_location_but_without_message() {
    let log = Log::default();
    let service = Service::new("panic-log");
    let guard = log.collect("info");
    // Other tests need the previous hook to show their panics.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(log_panic));
    let broken = operation("broken", &[], panicking);
    let response = response_to(&service, &broken, raw("/clients/100", &service.bearer(&user()))).await;
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
        "level": "ERROR", "target": "shared::log", "message": "handler panicked", "location": null,
        "span": {"name": "request", "request": "request-1", "trace": TRACE},
    });
    assert_eq!(lines, [expected]);
}
