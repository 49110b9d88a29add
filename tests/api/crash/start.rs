//! Functions that cannot start, or that the Lambda runtime stops: one line, and the exit code 1.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::thread::spawn;

use serde_json::{Value, json};

use super::are_left_out;
use super::function::command;
use crate::support::World;

const OPERATION: &str = "create-client";

/// Runs a function until it exits, and returns the line that it logs without its time.
fn line_of(mut command: Command) -> Value {
    let ended = command.output().expect("the function runs");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stdout.is_empty(), "{ended:?}");
    let text = String::from_utf8(ended.stderr).expect("UTF-8");
    let mut line: Value = serde_json::from_str(&text).expect("one line");
    assert!(line.as_object_mut().expect("an object").remove("timestamp").is_some());
    line
}

fn line(message: &str, reason: &str) -> Value {
    json!({
        "level": "ERROR", "target": "shared::log", "message": message, "operation": OPERATION,
        "reason": reason,
    })
}

#[tokio::test]
async fn a_function_that_cannot_start_logs_the_variable_and_the_reason() {
    if are_left_out() {
        return;
    }
    let world = World::new().await;
    let variables = world.variables("http://127.0.0.1:9");
    let certificates = "SSL_CERT_FILE and SSL_CERT_DIR have no usable certificate";
    let invalid = |problem: &str| format!("the configuration is not valid: {problem}");
    let of_log = invalid("RUST_LOG has a part that is neither a level nor 'target=level'");
    for (name, value, reason) in [
        ("TABLE_NAME", "", invalid("TABLE_NAME is missing")),
        ("MULTI_CLIENT_MODE", "yes", invalid("MULTI_CLIENT_MODE is neither 'true' nor 'false'")),
        ("SSL_CERT_FILE", "/no/such/file", format!("{certificates}: entity not found")),
        ("SSL_CERT_FILE", "/dev/null", certificates.to_owned()),
        ("RUST_LOG", "warning", of_log),
        ("AWS_REGION", "", "AWS_REGION is missing".to_owned()),
        ("AWS_USE_FIPS_ENDPOINT", "1", "AWS_USE_FIPS_ENDPOINT is neither 'true' nor 'false'".to_owned()),
        (
            "AWS_ENDPOINT_URL_DYNAMODB",
            "localhost:8000",
            "AWS_ENDPOINT_URL_DYNAMODB is not an http or https URL".to_owned(),
        ),
        ("HTTPS_PROXY", "socks5://a", "HTTPS_PROXY is not the URL of an HTTP proxy".to_owned()),
        (
            "AWS_LAMBDA_RUNTIME_API",
            "",
            "AWS_LAMBDA_RUNTIME_API is missing, which AWS Lambda and its emulators set".to_owned(),
        ),
    ] {
        let mut command = command(OPERATION, &variables, "127.0.0.1:9");
        // The line does not depend on the filter.
        command.env("RUST_LOG", "off").env(name, value);
        assert_eq!(line_of(command), line("function cannot start", &reason), "{name}={value}");
    }
}

/// `lambda_runtime` accepts only strings as the values of `custom`. Its error quotes the text.
#[tokio::test]
async fn a_client_context_that_the_runtime_cannot_read_is_not_logged() {
    if are_left_out() {
        return;
    }
    let world = World::new().await;
    for context in [r#"{"custom":{"_datadog":{"x":"1"}}}"#, r#"{"client":"secret"}"#] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let api = listener.local_addr().expect("an address").to_string();
        spawn(move || {
            let (mut connection, _) = listener.accept().expect("a function");
            let read = connection.read(&mut [0; 4096]).expect("a request");
            assert!(read > 0);
            let response = format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: invocation\r\n\
                 lambda-runtime-deadline-ms: 0\r\nlambda-runtime-client-context: {context}\r\n\
                 content-length: 2\r\n\r\n{{}}"
            );
            connection.write_all(response.as_bytes()).expect("sent");
            // The function closes the connection when it exits.
            let _ = connection.read(&mut [0]);
        });
        let mut command = command(OPERATION, &world.variables(&world.endpoint()), &api);
        command.env("RUST_LOG", "error");
        let reason = "the Lambda runtime cannot read the context of an invocation";
        assert_eq!(line_of(command), line("function stopped", reason), "{context}");
    }
}
