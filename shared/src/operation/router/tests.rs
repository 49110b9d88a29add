//! Tests routing, the decoding of paths, size limits and the URLs of created resources.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::auth::Needs;
use crate::http::{BASE_PATH, CREATED_ID, Header, MAX_BYTES, Method, Response};
use crate::operation::description::Description;
use crate::operation::{Entry, HandlerFuture};
use crate::service::{Access, ResourceScope, Subject};

fn handler<'a>(_: &'a Access<'a>, _: &'a Request) -> HandlerFuture<'a> {
    Box::pin(async { Ok(Response::no_content()) })
}

/// Returns an operation that does nothing, for callers with these rights.
pub(crate) const fn admitting(
    method: Method,
    path: &'static str,
    needs: Needs,
    handler: for<'a> fn(&'a Access<'a>, &'a Request) -> HandlerFuture<'a>,
) -> Operation {
    let subject = Subject { scope: ResourceScope::Client, ..Subject::NEW_CLIENT };
    let entry = Entry::Authenticated { needs, subject, handler };
    Operation { id: "operation", method, path, entry, prepare: None, description: Description::of_nothing() }
}

fn operation(id: &'static str, method: Method, path: &'static str) -> Operation {
    Operation { id, ..admitting(method, path, Needs::all(&[]), handler) }
}

fn operations() -> [Operation; 5] {
    [
        operation("create-client", Method::POST, "/clients"),
        operation("get-client", Method::GET, "/clients/{clientExtId}"),
        operation("create-consent", Method::POST, "/{clientExtId}/users/{userExtId}/consents"),
        operation("list-consents", Method::GET, "/{clientExtId}/users/{userExtId}/consents"),
        operation(
            "get-consent",
            Method::GET,
            "/{clientExtId}/users/{userExtId}/consents/{termsExtId}/{termsVersion}",
        ),
    ]
}

fn raw(method: &str, target: Target) -> RawRequest {
    RawRequest {
        method: Method::from_bytes(method.as_bytes()).expect("a method"),
        target,
        base_url: "https://id.example/v1".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Vec::new()),
        request_id: "request-1".to_owned(),
        trace_id: None,
    }
}

fn encoded(path: &str) -> Target {
    Target::Encoded(format!("{BASE_PATH}{path}"))
}

fn decoded(path: &str) -> Target {
    Target::Decoded(format!("{BASE_PATH}{path}"))
}

fn matched(template: &str, parameters: &[(&str, &str)]) -> Target {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Target::Matched { template: template.to_owned(), parameters: parameters.collect() }
}

fn deadline() -> Deadline {
    Deadline::after(Duration::from_secs(1))
}

/// Returns the operation's name and its parameters as `name=value`, or the error.
fn routed(raw: RawRequest) -> Result<String, ApiError> {
    let operations = operations();
    let (operation, request) = route(&operations, raw, deadline())?;
    request.require_size()?;
    let parameters = request.parameters().iter().map(|(name, value)| format!(" {name}={value}"));
    Ok(operation.id.to_owned() + &parameters.collect::<String>())
}

fn request(raw: RawRequest) -> Request {
    let operations = operations();
    route(&operations, raw, deadline()).expect("a route").1
}

#[test]
fn paths_are_split_and_then_decoded_exactly_once() {
    for (path, expected) in [
        ("/clients/100", "get-client clientExtId=100"),
        ("/clients/a%2Fb", "get-client clientExtId=a/b"),
        ("/clients/a%252Fb", "get-client clientExtId=a%2Fb"),
        ("/clients/a%25252Fb", "get-client clientExtId=a%252Fb"),
        ("/clients/%C3%A4", "get-client clientExtId=ä"),
        ("/clients/ä", "get-client clientExtId=ä"),
        ("/clients/a+b", "get-client clientExtId=a+b"),
        ("/clients/a%20b%23%3F%00", "get-client clientExtId=a b#?\0"),
        ("/clients/%2E%2E", "get-client clientExtId=.."),
        ("/clients/..", "get-client clientExtId=.."),
        ("/clients/.", "get-client clientExtId=."),
        ("/clients/%", "get-client clientExtId=%"),
        ("/clients/%4", "get-client clientExtId=%4"),
        ("/clients/%zz", "get-client clientExtId=%zz"),
        ("/clients/clients", "get-client clientExtId=clients"),
        ("/clients/%2Fnevisidm%2Fapi%2Fcore%2Fv1", "get-client clientExtId=/nevisidm/api/core/v1"),
        ("/a%2Fusers%2Fb/users/c/consents", "list-consents clientExtId=a/users/b userExtId=c"),
        (
            "/a/users/b/consents/t/1%2F2",
            "get-consent clientExtId=a termsExtId=t termsVersion=1/2 userExtId=b",
        ),
    ] {
        assert_eq!(routed(raw("GET", encoded(path))).as_deref(), Ok(expected), "{path}");
    }
}

#[test]
fn unknown_paths_have_no_route() {
    for path in [
        "",
        "/",
        "//",
        "/clients/",
        "//clients/100",
        "/clients//100",
        "/clients/100/",
        "/clients/100/200",
        "/Clients/100",
        "/clients%2F100",
        "/%63lients/100",
        "clients/100",
        "/../v1/clients/100",
        "/clients/../clients/100",
        "/clients/./100",
        "//users/b/consents",
        "/a/users//consents",
        "/a/users/b/consents/",
        "/a/users/b/consents/t",
        "/a/users/b/consents//1",
        "/a/users/b/consents/t/",
        "/a/users/b/consents/t/1/",
        "/clients/100/nevisidm/api/core/v1/clients/100",
    ] {
        for target in [encoded(path), decoded(path)] {
            assert_eq!(routed(raw("GET", target.clone())), Err(ApiError::NoRoute), "{target:?}");
        }
    }
    for path in ["", "/clients/100", "/nevisidm/api/core/v2/clients/100", "/nevisidm/api/core/v1"] {
        for target in [Target::Encoded(path.to_owned()), Target::Decoded(path.to_owned())] {
            assert_eq!(routed(raw("GET", target.clone())), Err(ApiError::NoRoute), "{target:?}");
        }
    }
}

#[test]
fn segments_that_are_not_utf_8_have_no_route() {
    for path in ["/clients/%FF", "/clients/a%C3", "/clients/%ED%A0%80", "/a/users/%FE/consents"] {
        assert_eq!(routed(raw("GET", encoded(path))), Err(ApiError::NoRoute), "{path}");
    }
}

#[test]
fn text_before_the_base_path_is_the_stage() {
    let target = Target::Encoded(format!("/v1{BASE_PATH}/clients/a%2Fb"));
    assert_eq!(routed(raw("GET", target)).as_deref(), Ok("get-client clientExtId=a/b"));
}

#[test]
fn decoded_paths_are_not_decoded_again() {
    for (path, expected) in [
        ("/clients/a%2Fb", "get-client clientExtId=a%2Fb"),
        ("/clients/%FF", "get-client clientExtId=%FF"),
        ("/a/users/b%20c/consents", "list-consents clientExtId=a userExtId=b%20c"),
    ] {
        assert_eq!(routed(raw("GET", decoded(path))).as_deref(), Ok(expected), "{path}");
    }
    assert_eq!(routed(raw("GET", decoded("/clients/a/b"))), Err(ApiError::NoRoute));
}

#[test]
fn matched_routes_keep_their_parameters_unchanged() {
    let consents = "/nevisidm/api/core/v1/{clientExtId}/users/{userExtId}/consents";
    let parameters = [("clientExtId", "a%2Fb"), ("userExtId", "c/d")];
    for template in [consents.to_owned(), format!("/v1{consents}")] {
        let target = matched(&template, &parameters);
        let expected = "list-consents clientExtId=a%2Fb userExtId=c/d";
        assert_eq!(routed(raw("GET", target)).as_deref(), Ok(expected), "{template}");
    }
    for template in [
        "",
        "$default",
        "/{proxy+}",
        "/{clientExtId}/users/{userExtId}/consents",
        "/nevisidm/api/core/v1/{proxy+}",
        "/nevisidm/api/core/v1/more/{clientExtId}/users/{userExtId}/consents",
        "/nevisidm/api/core/v1/{client}/users/{userExtId}/consents",
        "/nevisidm/api/core/v1/{clientExtId}/users/{userExtId}/consents/",
    ] {
        let target = matched(template, &parameters);
        assert_eq!(routed(raw("GET", target)), Err(ApiError::NoRoute), "{template}");
    }
    let [client, user] = parameters;
    let rows: [(&str, &[(&str, &str)]); 6] = [
        ("none", &[]),
        ("one missing", &[client]),
        ("one empty", &[client, ("userExtId", "")]),
        ("all empty", &[("clientExtId", ""), ("userExtId", "")]),
        ("one of another name", &[client, ("userextid", "b")]),
        ("one more", &[client, user, ("termsExtId", "t")]),
    ];
    for (name, parameters) in rows {
        let target = matched(consents, parameters);
        assert_eq!(routed(raw("GET", target)), Err(ApiError::NoRoute), "{name}");
    }
}

#[test]
fn unsupported_methods_receive_the_allowed_methods() {
    for (method, path, allowed) in [
        ("DELETE", "/a/users/b/consents", "GET, HEAD, OPTIONS, POST"),
        ("get", "/a/users/b/consents", "GET, HEAD, OPTIONS, POST"),
        ("head", "/a/users/b/consents", "GET, HEAD, OPTIONS, POST"),
        ("OPTIONS", "/clients", "OPTIONS, POST"),
        ("HEAD", "/clients", "OPTIONS, POST"),
        ("POST", "/clients/100", "GET, HEAD, OPTIONS"),
    ] {
        let rejected = routed(raw(method, encoded(path)));
        assert_eq!(rejected, Err(ApiError::MethodNotAllowed { allowed: allowed.to_owned() }), "{path}");
    }
    assert_eq!(routed(raw("DELETE", encoded("/unknown"))), Err(ApiError::NoRoute));
}

#[test]
fn head_requests_are_handled_as_get_requests() {
    let request = request(raw("HEAD", encoded("/clients/100")));
    assert_eq!((request.method(), request.parameter("clientExtId")), (&Method::GET, "100"));
}

#[test]
fn allowed_methods_are_sorted() {
    let methods = [Method::PUT, Method::GET, Method::POST, Method::DELETE];
    let operations = methods.map(|method| operation("any", method, "/clients"));
    let rejected = route(&operations, raw("PATCH", encoded("/clients")), deadline()).map(|_| ());
    assert_eq!(
        rejected,
        Err(ApiError::MethodNotAllowed { allowed: "DELETE, GET, HEAD, OPTIONS, POST, PUT".to_owned() })
    );
}

#[test]
fn headers_and_body_are_limited_to_64_kib_each() {
    assert_eq!(MAX_BYTES, 65_536);
    let sized = |headers: usize, body: usize| {
        let mut raw = raw("POST", encoded("/clients"));
        let value = "v".repeat(headers - "x-one".len() - "x-two".len() - 1);
        raw.headers = [("x-one", "v"), ("x-two", &value)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        raw.body = Some(vec![b' '; body]);
        routed(raw)
    };
    assert_eq!(sized(65_536, 65_536).as_deref(), Ok("create-client"));
    assert_eq!(sized(65_537, 0), Err(ApiError::TooLarge));
    assert_eq!(sized(100, 65_537), Err(ApiError::TooLarge));
}

#[test]
fn route_comes_before_method_and_method_before_size() {
    let large = |method, path| {
        let mut raw = raw(method, encoded(path));
        raw.body = Some(vec![b' '; MAX_BYTES + 1]);
        routed(raw)
    };
    assert_eq!(large("POST", "/unknown"), Err(ApiError::NoRoute));
    assert_eq!(
        large("GET", "/clients"),
        Err(ApiError::MethodNotAllowed { allowed: "OPTIONS, POST".to_owned() })
    );
    assert_eq!(large("POST", "/clients"), Err(ApiError::TooLarge));
}

#[test]
fn header_names_are_case_insensitive_and_repeated_headers_are_detected() {
    let with = |headers: &[(&str, &str)]| {
        let mut raw = raw("POST", encoded("/clients"));
        raw.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request(raw)
    };
    assert_eq!(with(&[("x-tokens", "a")]).header("x-token"), Header::Missing);
    assert_eq!(with(&[("X-TOKEN", "a"), ("b", "c")]).header("x-token"), Header::One("a"));
    assert_eq!(with(&[("x-token", "")]).header("x-token"), Header::One(""));
    assert_eq!(with(&[("x-token", "a"), ("X-Token", "a")]).header("x-token"), Header::Repeated);
    assert_eq!(with(&[("x-token", "a"), ("b", ""), ("x-token", "")]).header("x-token"), Header::Repeated);
}

/// Other Unicode white space is part of the value.
#[test]
fn spaces_and_tabs_around_a_header_value_are_removed() {
    let with = |value: &str| {
        let mut raw = raw("POST", encoded("/clients"));
        raw.headers = vec![("x-token".to_owned(), value.to_owned())];
        request(raw)
    };
    assert_eq!(with(" \ta b\t ").header("x-token"), Header::One("a b"));
    for kept in ["a\n", "a\r", "\u{b}a", "a\u{85}", "\u{a0}a", "a\u{2028}"] {
        assert_eq!(with(kept).header("x-token"), Header::One(kept));
    }
}

#[test]
fn a_request_returns_its_parts() {
    let mut raw = raw("GET", encoded("/clients/100"));
    raw.body = None;
    let request = request(raw);
    assert_eq!((request.parameter("clientExtId"), request.parameter("userExtId")), ("100", ""));
    assert_eq!((request.body(), request.id(), request.caller()), (None, "request-1", None));
    request.note_caller("100/first");
    request.note_caller("100/second");
    assert_eq!(request.caller(), Some("100/first"));
}

#[test]
fn location_urls_are_valid_for_all_identifiers() {
    let request = request(raw("POST", encoded("/clients")));
    assert_eq!(
        request.location(&["clients", "100"]),
        "https://id.example/v1/nevisidm/api/core/v1/clients/100"
    );
    for (id, segment) in [
        ("aZ09-._~", "aZ09-._~"),
        ("a/b", "a%2Fb"),
        ("a%2Fb", "a%252Fb"),
        ("a b+c", "a%20b%2Bc"),
        ("?#&=;,:@!$'()*", "%3F%23%26%3D%3B%2C%3A%40%21%24%27%28%29%2A"),
        ("\\{}[]\"<>^`|", "%5C%7B%7D%5B%5D%22%3C%3E%5E%60%7C"),
        ("ä\u{202e}\u{1f600}", "%C3%A4%E2%80%AE%F0%9F%98%80"),
    ] {
        let location = request.location(&["clients", id]);
        let path = location.strip_prefix("https://id.example").expect("the base URL").to_owned();
        assert_eq!(path, format!("/v1/nevisidm/api/core/v1/clients/{segment}"));
        let expected = format!("get-client clientExtId={id}");
        assert_eq!(routed(raw("GET", Target::Encoded(path))), Ok(expected), "{id}");
    }
}

#[test]
fn created_ids_are_valid_in_a_header_and_decode_to_the_identifier() {
    for (id, value) in [
        ("aZ09-@./_:()\\{}[]=!~+", "aZ09-@./_:()\\{}[]=!~+"),
        ("a b", "a%20b"),
        ("a%2Fb", "a%252Fb"),
        ("\u{e4}\u{1f600}", "%C3%A4%F0%9F%98%80"),
    ] {
        let response = Response::created("https://id.example/x".to_owned(), id, None);
        assert_eq!(response.header(CREATED_ID), Some(value));
        let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
        assert_eq!(decoded.as_deref(), Ok(id));
    }
}

#[test]
fn responses_with_a_body_are_json_and_are_not_cached() {
    let no_store = ("cache-control", "no-store".to_owned());
    let json = ("content-type", "application/json".to_owned());
    let at = ("location", "https://id.example/x".to_owned());
    let id = ("created-id", "x".to_owned());
    for (response, status, headers) in [
        (Response::ok(json!([])), 200, vec![no_store.clone(), json.clone()]),
        (Response::created(at.1.clone(), "x", None), 201, vec![no_store.clone(), at.clone(), id.clone()]),
        (Response::created(at.1.clone(), "x", Some(json!({}))), 201, vec![no_store.clone(), json, at, id]),
        (Response::no_content(), 204, vec![no_store]),
    ] {
        assert_eq!((response.status.as_u16(), response.headers), (status, headers));
    }
}
