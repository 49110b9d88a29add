//! Holds that every request is answered, and what is logged about it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::app::tests::{Service, user};
use crate::app::{Access, Scope};
use crate::auth::Needs;
use crate::auth::rights::Right;
use crate::http::{BASE_PATH, Handling, Method, Target};
use crate::runtime::log_lines;

const TRACE: &str = "1-5759e988-bd862e3fe1be46a994272793";

type Handler = for<'a> fn(&'a Access<'a>, &'a Request) -> Handling<'a>;

fn operation(id: &'static str, rights: &'static [Right], handler: Handler) -> Operation {
    let (path, needs) = ("/clients/{clientExtId}", Needs::All(rights));
    Operation { id, method: Method::GET, path, needs, scope: Scope::Client, handler }
}

fn good<'a>(_: &'a Access<'a>, request: &'a Request) -> Handling<'a> {
    Box::pin(async { Ok(Response::ok(json!({"extId": request.parameter("clientExtId")}))) })
}

fn panicking<'a>(_: &'a Access<'a>, request: &'a Request) -> Handling<'a> {
    Box::pin(async { panic!("{} is a secret", request.parameter("clientExtId")) })
}

fn incoming(path: &str, authorization: &str) -> Incoming {
    Incoming {
        method: Method::GET,
        target: Target::Encoded(format!("{BASE_PATH}{path}")),
        base_url: "https://id.example".to_owned(),
        headers: vec![("authorization".to_owned(), authorization.to_owned())],
        body: Some(Vec::new()),
        request_id: "request-1".to_owned(),
        trace_id: Some(TRACE.to_owned()),
    }
}

async fn answered(service: &Service, operation: &Operation, incoming: Incoming) -> (u16, Option<Value>) {
    let deadline = Deadline::after(Duration::from_secs(1));
    let response = answer(&service.app, [operation], incoming, deadline).await;
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
    let response = answered(&service, &broken, incoming("/clients/100", &authorization)).await;
    assert_eq!(response, (500, Some(error("errors.fatalError", "Internal error"))));
    let sound = operation("sound", &[], good);
    let response = answered(&service, &sound, incoming("/clients/100", &authorization)).await;
    assert_eq!(response, (200, Some(json!({"extId": "100"}))));
}

#[tokio::test]
async fn what_reaches_no_operation_is_answered_too() {
    let service = Service::new("no-operation");
    let operation = operation("sound", &[], good);
    let response = answered(&service, &operation, incoming("/nowhere", "")).await;
    assert_eq!(response, (404, Some(error("errors.invalidUri", "No resource exists at this address"))));
    let mut other = incoming("/clients/100", "");
    other.method = Method::DELETE;
    let response = answered(&service, &operation, other).await;
    assert_eq!(response, (405, Some(error("errors.unsupportedOperation", "Method not allowed"))));
    let mut large = incoming("/clients/100", "");
    large.body = Some(vec![b' '; 70_000]);
    assert_eq!(answered(&service, &operation, large).await.0, 413);
    let unknown = answered(&service, &operation, incoming("/clients/100", "Bearer x")).await;
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

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// The lines, each without its time and how long the request took.
    fn lines(&self) -> Vec<Value> {
        let text = self.0.lock().expect("not poisoned").clone();
        let lines = String::from_utf8(text).expect("UTF-8");
        let line = |line: &str| {
            let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
            let members = line.as_object_mut().expect("an object");
            assert!(members.remove("timestamp").is_some() && members.remove("millis").is_some());
            line
        };
        lines.lines().map(line).collect()
    }
}

#[tokio::test]
async fn one_line_is_logged_a_request_and_names_nobody() {
    let service = Service::new("log");
    let authorization = service.bearer(&user());
    let log = Log::default();
    let subscriber = log_lines("info", log.clone()).expect("a filter");
    let guard = tracing::subscriber::set_default(subscriber);
    let (sound, refusing) =
        (operation("sound", &[], good), operation("refusing", &[Right::ClientView], good));
    answered(&service, &sound, incoming("/clients/100", &authorization)).await;
    answered(&service, &refusing, incoming("/clients/100", &authorization)).await;
    answered(&service, &refusing, incoming("/clients/100", "Bearer x")).await;
    answered(&service, &refusing, incoming("/clients/secret/secret", "secret")).await;
    drop(guard);
    let line = |operation: &str, caller: Option<&str>, status: u16, codes: &str| {
        let mut line = json!({
            "level": "INFO",
            "target": "shared::answer",
            "message": "answered",
            "operation": operation,
            "span": {"name": "request", "request": "request-1", "trace": TRACE},
            "status": status,
            "codes": codes,
        });
        if let Some(caller) = caller {
            line["caller"] = caller.into();
        }
        line
    };
    let hash = &sha256_hex("100/user-123")[..16];
    let expected = [
        line("sound", Some(hash), 200, ""),
        line("refusing", Some(hash), 403, "errors.insufficientRightsFunction"),
        line("refusing", None, 401, "errors.invalidJWTToken"),
        line("none", None, 404, "errors.invalidUri"),
    ];
    assert_eq!(log.lines(), expected);
}
