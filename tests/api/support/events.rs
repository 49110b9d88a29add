//! Events of API Gateway, as which the functions receive requests.

use std::collections::BTreeMap;

use functions::OPERATIONS;
use serde_json::{Map, Value, json};
use shared::http::query;
use shared::operation::Operation;

use super::answer::Answer;
use super::call::Sent;

/// The senders of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// REST API: encoded paths, all values of each header.
    RestApi,
    /// HTTP API with payload format 2.0: the matched route and decoded parameters.
    HttpApi,
    /// HTTP API with payload format 1.0.
    HttpApiFormat1,
    /// HTTP API with the default route only.
    HttpApiDefaultRoute,
    /// Lambda function URL: the payload format 2.0 with encoded paths.
    FunctionUrl,
    /// `cargo lambda watch`.
    Watch,
}

/// All gateways.
pub(crate) const GATEWAYS: [Gateway; 6] = [
    Gateway::RestApi,
    Gateway::HttpApi,
    Gateway::HttpApiFormat1,
    Gateway::HttpApiDefaultRoute,
    Gateway::FunctionUrl,
    Gateway::Watch,
];

impl Gateway {
    /// Returns the base URL that callers see.
    pub(crate) fn base_url(self) -> &'static str {
        match self {
            Self::RestApi | Self::HttpApi | Self::HttpApiFormat1 => "https://id.example/v1",
            Self::HttpApiDefaultRoute => "https://id.example",
            Self::FunctionUrl => "https://abcde.lambda-url.eu-central-1.on.aws",
            Self::Watch => "http://127.0.0.1:9000",
        }
    }

    /// Returns the event of a request.
    pub(crate) fn event(self, sent: &Sent) -> Value {
        match self {
            Self::RestApi => rest_api(sent),
            Self::HttpApi => http_api(sent),
            Self::HttpApiFormat1 => http_api_format_1(sent),
            Self::HttpApiDefaultRoute => http_api_default_route(sent),
            Self::FunctionUrl => function_url(sent),
            Self::Watch => watch(sent),
        }
    }
}

/// Converts the response of a function to an event.
pub(crate) fn response_of(answer: &Value) -> Answer {
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let headers = answer["headers"].as_object().expect("headers").iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().expect("a header").to_owned()));
    assert_eq!(answer["isBase64Encoded"], json!(false));
    let body = answer["body"].as_str().expect("a body");
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).expect("JSON") };
    Answer::new(status.expect("a status"), headers.collect(), body, true)
}

fn rest_api(sent: &Sent) -> Value {
    let query = query::decode(query_of(sent));
    let (resource, parameters) = matched(sent).unwrap_or_default();
    json!({
        "resource": resource,
        "path": path_of(sent),
        "httpMethod": sent.method,
        "headers": last_values(&sent.headers),
        "multiValueHeaders": all_values(&sent.headers),
        "queryStringParameters": last_values(&query),
        "multiValueQueryStringParameters": all_values(&query),
        "pathParameters": parameters,
        "stageVariables": null,
        "requestContext": {
            "apiId": "abcde12345", "domainName": "id.example", "domainPrefix": "id",
            "httpMethod": sent.method, "path": format!("/v1{}", path_of(sent)), "protocol": "HTTP/1.1",
            "requestId": "request", "resourcePath": resource, "stage": "v1",
        },
        "body": body(sent),
        "isBase64Encoded": false,
    })
}

fn http_api(sent: &Sent) -> Value {
    let (resource, parameters) = matched(sent).unwrap_or_default();
    let route = format!("{} {resource}", sent.method);
    let path = format!("/v1{}", decoded(path_of(sent)));
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query_of(sent),
        "headers": joined_values(&sent.headers),
        "pathParameters": decoded_values(&parameters),
        "requestContext": {
            "apiId": "abcde12345", "domainName": "id.example", "domainPrefix": "id",
            "http": {"method": sent.method, "path": path, "protocol": "HTTP/1.1"},
            "requestId": "request", "routeKey": route, "stage": "v1",
        },
        "body": base64(&sent.body),
        "isBase64Encoded": true,
    })
}

fn http_api_format_1(sent: &Sent) -> Value {
    let query = query::decode(query_of(sent));
    let (resource, parameters) = matched(sent).unwrap_or_default();
    json!({
        "version": "1.0",
        "resource": resource,
        "path": format!("/v1{}", decoded(path_of(sent))),
        "httpMethod": sent.method,
        "headers": joined_values(&sent.headers),
        "multiValueHeaders": all_values(&sent.headers),
        "queryStringParameters": last_values(&query),
        "multiValueQueryStringParameters": all_values(&query),
        "pathParameters": decoded_values(&parameters),
        "requestContext": {
            "apiId": "abcde12345", "domainName": "id.example", "httpMethod": sent.method,
            "path": format!("/v1{}", decoded(path_of(sent))), "requestId": "request",
            "resourcePath": resource, "stage": "v1",
        },
        "body": body(sent),
        "isBase64Encoded": false,
    })
}

fn http_api_default_route(sent: &Sent) -> Value {
    let path = decoded(path_of(sent));
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query_of(sent),
        "headers": joined_values(&sent.headers),
        "requestContext": {
            "apiId": "abcde12345", "domainName": "id.example",
            "http": {"method": sent.method, "path": path},
            "requestId": "request", "routeKey": "$default", "stage": "$default",
        },
        "body": body(sent),
        "isBase64Encoded": false,
    })
}

fn function_url(sent: &Sent) -> Value {
    let mut event = http_api_default_route(sent);
    event["rawPath"] = json!(path_of(sent));
    event["requestContext"]["domainName"] = json!("abcde.lambda-url.eu-central-1.on.aws");
    event["requestContext"]["http"]["path"] = json!(path_of(sent));
    event
}

fn watch(sent: &Sent) -> Value {
    let mut headers = first_values(&sent.headers);
    headers["host"] = json!("127.0.0.1:9000");
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path_of(sent),
        "rawQueryString": query_of(sent),
        "httpMethod": "GET",
        "headers": headers,
        "requestContext": {
            "apiId": null, "accountId": null, "domainName": "localhost", "domainPrefix": "function",
            "http": {"method": sent.method, "path": path_of(sent), "protocol": "http"},
            "requestId": "request", "routeKey": "$default", "stage": "$default",
        },
        "body": body(sent),
        "isBase64Encoded": false,
    })
}

/// Returns the matching route and its encoded path parameters.
fn matched(sent: &Sent) -> Option<(String, BTreeMap<String, String>)> {
    let is_of_method = |operation: &&&Operation| operation.methods().any(|method| method == sent.method);
    let operations = OPERATIONS.iter().filter(is_of_method);
    operations.into_iter().find_map(|operation| {
        let template = operation.full_path();
        let mut parameters = BTreeMap::new();
        let segments: Vec<&str> = path_of(sent).split('/').collect();
        let expected: Vec<&str> = template.split('/').collect();
        if segments.len() != expected.len() {
            return None;
        }
        for (segment, expected) in segments.into_iter().zip(expected) {
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => drop(parameters.insert(name.to_owned(), segment.to_owned())),
                None if segment == expected => {}
                None => return None,
            }
        }
        Some((template, parameters))
    })
}

/// Returns the path without the query string.
fn path_of(sent: &Sent) -> &str {
    sent.path.split_once('?').map_or(&*sent.path, |(path, _)| path)
}

/// Returns the encoded query string.
fn query_of(sent: &Sent) -> &str {
    sent.path.split_once('?').map_or("", |(_, query)| query)
}

fn body(sent: &Sent) -> Option<String> {
    (!sent.body.is_empty()).then(|| String::from_utf8(sent.body.clone()).expect("a text"))
}

fn values(headers: &[(String, String)], join: impl Fn(Option<&Value>, &str) -> Value) -> Value {
    let mut values = Map::new();
    for (name, value) in headers {
        let joined = join(values.get(name), value);
        values.insert(name.clone(), joined);
    }
    values.into()
}

fn first_values(headers: &[(String, String)]) -> Value {
    values(headers, |earlier, value| earlier.cloned().unwrap_or_else(|| json!(value)))
}

fn last_values(headers: &[(String, String)]) -> Value {
    values(headers, |_, value| json!(value))
}

fn joined_values(headers: &[(String, String)]) -> Value {
    values(headers, |earlier, value| match earlier.and_then(Value::as_str) {
        Some(earlier) => json!(format!("{earlier},{value}")),
        None => json!(value),
    })
}

fn all_values(headers: &[(String, String)]) -> Value {
    values(headers, |earlier, value| {
        let mut all = earlier.and_then(Value::as_array).cloned().unwrap_or_default();
        all.push(json!(value));
        all.into()
    })
}

fn decoded_values(parameters: &BTreeMap<String, String>) -> BTreeMap<&String, String> {
    parameters.iter().map(|(name, value)| (name, decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
