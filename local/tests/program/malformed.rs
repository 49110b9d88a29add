//! Requests that are not valid HTTP/1.1. Every response has the error body of the API.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::run::Running;

const CLIENTS: &str = "/nevisidm/api/core/v1/clients";
const HEALTH: &str = "/nevisidm/api/core/v1/health";
const HOST: &str = "Host: localhost\r\n";

/// Sends a request on a connection of its own. Returns the status, two headers and the body of the response.
fn response_to(address: &str, request: &str) -> (u16, [String; 2], Value) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("written");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("UTF-8");
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {response:?}"));
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let values = lines.filter(|(it, _)| *it == name).map(|(_, value)| value);
        values.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(header("content-length"), body.len().to_string(), "{head}");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let headers = [header("cache-control"), header("content-type")];
    (status, headers, serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {body:?}")))
}

fn refused(status: u16, code: &str, message: &str) -> (u16, [String; 2], Value) {
    let body = json!({"errors": [{"code": code, "message": message}]});
    (status, ["no-store", "application/json"].map(str::to_owned), body)
}

#[test]
fn invalid_requests_receive_the_error_body_of_the_api() {
    let folder = tempdir().expect("a folder");
    let (_running, address) = Running::serve(folder.path(), &[]);
    let address = address.as_str();

    let malformed = refused(400, "errors.invalidData", "Invalid request");
    let too_large = |status| refused(status, "errors.invalidData", "Request too large");
    let coding = refused(501, "errors.unsupportedOperation", "Transfer-Encoding must be chunked");
    let get = |rest: &str| format!("GET {HEALTH} HTTP/1.1\r\nConnection: close\r\n{rest}\r\n");
    let post = |rest: &str| format!("POST {CLIENTS} HTTP/1.1\r\nConnection: close\r\n{HOST}{rest}");
    for (request, expected) in [
        ("GET\r\n\r\n".to_owned(), &malformed),
        (format!("GET /a b HTTP/1.1\r\n{HOST}\r\n"), &malformed),
        (format!("GET {HEALTH}\u{7f} HTTP/1.1\r\n{HOST}\r\n"), &malformed),
        (format!("GET {HEALTH} HTTP/1.1\r\n{HOST}no colon\r\n\r\n"), &malformed),
        (format!("GET /{} HTTP/1.1\r\n{HOST}\r\n", "a".repeat(65_535)), &too_large(414)),
        (get(&format!("{HOST}{}", "X: a\r\n".repeat(100))), &too_large(431)),
        (get(""), &malformed),
        (get(&format!("{HOST}{HOST}")), &malformed),
        (format!("GET http://evil.example{HEALTH} HTTP/1.1\r\nConnection: close\r\n{HOST}\r\n"), &malformed),
        (post("Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"), &malformed),
        (post("Transfer-Encoding: gzip\r\n\r\n"), &malformed),
        (post("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), &coding),
        (post(&format!("Content-Length: 65537\r\n\r\n{}", "a".repeat(65_537))), &too_large(413)),
        (
            "GET /page.json HTTP/1.1\r\nConnection: close\r\nHost: evil.example\r\n\r\n".to_owned(),
            &misdirected(),
        ),
    ] {
        let shown: String = request.chars().take(120).collect();
        assert_eq!(response_to(address, &request), *expected, "{shown:?}");
    }
    let valid = (
        200,
        malformed.1.clone(),
        json!({
            "status": "pass",
            "checks": {
                "table": [{"status": "pass"}],
                "bearerKeys": [{"status": "pass"}],
                "xTokenKeys": [{"status": "pass"}],
            },
        }),
    );
    assert_eq!(response_to(address, &get(HOST)), valid);
    let absolute = format!("GET http://localhost{HEALTH} HTTP/1.1\r\nConnection: close\r\n{HOST}\r\n");
    assert_eq!(response_to(address, &absolute), valid);
}

fn misdirected() -> (u16, [String; 2], Value) {
    refused(421, "errors.invalidData", "Invalid request")
}
