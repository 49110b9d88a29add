//! The stored events in `tests/events`: one request to each operation, as delivered by API Gateway.
//!
//! A request contains the parameters and the body of the examples in the API description. It succeeds once on
//! the demo data if its placeholders `<token>` are replaced.

use std::collections::BTreeMap;

use functions::OPERATIONS;
use serde_json::{Value, json};
use shared::operation::{Entry, Operation};

use super::Output;
use crate::error::Error;
use crate::openapi::{example, examples, fill_path};

/// The folder of the events.
pub(super) const FOLDER: &str = "tests/events";

const DOMAIN: &str = "abcde12345.execute-api.eu-central-1.amazonaws.com";
const REQUEST_ID: &str = "00000000-0000-0000-0000-000000000000";
const SOURCE_IP: &str = "192.0.2.1";
const STAGE: &str = "v1";
const USER_AGENT: &str = "example";

/// Returns one event per operation.
pub(super) fn outputs() -> Result<Vec<Output>, Error> {
    let output = |operation: &Operation| {
        let content = format!("{:#}\n", event(operation)?);
        Ok(Output::File { path: format!("{FOLDER}/{}.json", operation.id), content })
    };
    OPERATIONS.into_iter().map(output).collect()
}

fn event(operation: &Operation) -> Result<Value, Error> {
    let resource = operation.full_path();
    let path = fill_path(operation)?;
    let method = operation.method.as_str();
    let body = example(operation, None).map(|body| body.to_string());
    let parameters = examples(operation)?;
    let headers = headers(operation, body.is_some());
    let many: BTreeMap<&str, [&str; 1]> = headers.iter().map(|(name, value)| (*name, [*value])).collect();
    Ok(json!({
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": many,
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": if parameters.is_empty() { Value::Null } else { parameters.into() },
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcde12345",
            "domainName": DOMAIN,
            "domainPrefix": "abcde12345",
            "extendedRequestId": REQUEST_ID,
            "httpMethod": method,
            "identity": {"sourceIp": SOURCE_IP, "userAgent": USER_AGENT},
            "path": format!("/{STAGE}{path}"),
            "protocol": "HTTP/1.1",
            "requestId": REQUEST_ID,
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "requestTimeEpoch": 1_767_225_600_000_i64,
            "resourceId": "abc123",
            "resourcePath": resource,
            "stage": STAGE,
        },
        "body": body,
        "isBase64Encoded": false,
    }))
}

fn headers(operation: &Operation, has_body: bool) -> BTreeMap<&'static str, &'static str> {
    let mut headers = BTreeMap::from([
        ("Accept", "application/json"),
        ("Host", DOMAIN),
        ("User-Agent", USER_AGENT),
        ("X-Amzn-Trace-Id", "Root=1-00000000-000000000000000000000000"),
        ("X-Forwarded-For", SOURCE_IP),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ]);
    if has_body {
        headers.insert("Content-Type", "application/json");
    }
    if let Entry::Authenticated { needs, .. } = operation.entry {
        headers.insert("Authorization", "Bearer <token>");
        if needs.requires_x_token() {
            headers.insert("X-Token", "<token>");
        }
    }
    headers
}
