//! Requests from web pages of other origins.

use std::collections::BTreeSet;

use functions::OPERATIONS;
use shared::http::cors::ALLOWED_METHODS;

use crate::operations::for_each_operation;
use crate::operations::rows::Row;
use crate::support::answer::unauthorized;
use crate::support::target::{Kind, allows_page, kind, leaves_out};
use crate::support::{Answer, World, no_content, refused};

/// The origin whose pages may call a service of these tests.
const PAGE: &str = "https://app.test";
const HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Token";
const EXPOSED: &str = "Allow, Created-Id, ETag, Location, Retry-After, WWW-Authenticate, \
    x-amzn-Remapped-WWW-Authenticate, x-amzn-RequestId";

for_each_operation!(preflight_requests_succeed, pages_of_allowed_origins_can_read_responses);

/// Returns a service that pages of [`PAGE`] may call.
async fn world() -> Option<World> {
    if leaves_out(&[Kind::Gateway], "CORS headers, which its rehearsal adds to every response") {
        return None;
    }
    if kind() == Kind::InProcess {
        let origins = format!("https://other.example,{PAGE}");
        return Some(World::in_process(&[("CORS_ALLOWED_ORIGINS", &origins)], |client| client).await);
    }
    if allows_page(PAGE) { Some(World::new().await) } else { None }
}

/// Returns the response with the headers that a host of these tests shows. Only in-process, `Vary` is one of
/// them.
fn varying(answer: Answer) -> Answer {
    if kind() == Kind::InProcess { answer.with("vary", "Origin") } else { answer }
}

async fn preflight_requests_succeed(row: &'static Row) {
    let Some(world) = world().await else { return };
    let preflight = |origin: &str| {
        let call = world.call("OPTIONS", row.path).header("origin", origin);
        call.header("access-control-request-method", row.method)
            .header("access-control-request-headers", "authorization,content-type")
    };
    let allowed = varying(no_content())
        .with("access-control-allow-origin", PAGE)
        .with("access-control-allow-methods", ALLOWED_METHODS)
        .with("access-control-allow-headers", HEADERS)
        .with("access-control-max-age", "7200");
    assert_eq!(preflight(PAGE).send().await, allowed);
    for origin in ["https://evil.example", "https://app.test.evil.example", "http://app.test", "null"] {
        assert_eq!(preflight(origin).send().await, varying(no_content()), "{origin}");
    }
    assert_eq!(world.call("OPTIONS", row.path).send().await, varying(no_content()));
}

async fn pages_of_allowed_origins_can_read_responses(row: &'static Row) {
    let Some(world) = world().await else { return };
    let call = |origin: &str| world.call(row.method, row.path).header("origin", origin);
    let readable = varying(unauthorized())
        .with("access-control-allow-origin", PAGE)
        .with("access-control-expose-headers", EXPOSED);
    assert_eq!(call(PAGE).send().await, readable);
    assert_eq!(call("https://evil.example").send().await, varying(unauthorized()));
}

#[tokio::test]
async fn pages_can_read_responses_without_an_operation() {
    if leaves_out(&[Kind::Watch], "unknown addresses, which it answers itself") {
        return;
    }
    let Some(world) = world().await else { return };
    let readable = varying(refused(404, "errors.invalidUri", "No resource exists at this address"))
        .with("access-control-allow-origin", PAGE)
        .with("access-control-expose-headers", EXPOSED);
    assert_eq!(world.get("/unheard-of").header("origin", PAGE).send().await, readable);
}

#[tokio::test]
async fn without_allowed_origins_no_response_has_cors_headers() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another configuration") {
        return;
    }
    let world = World::new().await;
    let preflight = world.call("OPTIONS", "/clients").header("origin", PAGE);
    assert_eq!(preflight.header("access-control-request-method", "POST").send().await, no_content());
    assert_eq!(world.post("/clients").header("origin", PAGE).send().await, unauthorized());
}

/// Any origin may then read responses, so they do not depend on it.
#[tokio::test]
async fn any_origin_can_be_allowed() {
    if leaves_out(&[Kind::Local, Kind::Watch, Kind::Gateway], "another configuration") {
        return;
    }
    let world = World::in_process(&[("CORS_ALLOWED_ORIGINS", "*")], |client| client).await;
    let readable = unauthorized()
        .with("access-control-allow-origin", "*")
        .with("access-control-expose-headers", EXPOSED);
    assert_eq!(world.post("/clients").header("origin", PAGE).send().await, readable);
}

#[test]
fn pages_can_use_the_methods_of_all_operations() {
    let allowed: Vec<&str> = ALLOWED_METHODS.split(", ").collect();
    let used: BTreeSet<&str> = OPERATIONS.iter().flat_map(|operation| operation.methods()).collect();
    assert_eq!(used.into_iter().collect::<Vec<_>>(), allowed);
}
