//! Events of API Gateway, from both REST APIs and HTTP APIs, and of a Lambda function URL.
//!
//! `lambda_http` is not used to parse them. Its request keeps only one value of a header that a REST
//! API delivers twice, and it panics on invalid URLs. A repeated token must be rejected, and no request
//! may stop a function.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::Method;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BASE_PATH, RawRequest, Response, Target, query};

/// The characters that must not occur in a path. `%` is allowed, because the path may be encoded
/// already.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// An event of API Gateway, with the relevant members of both kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    version: Option<String>,
    http_method: Option<String>,
    resource: Option<String>,
    path: Option<String>,
    raw_path: Option<String>,
    path_parameters: Option<BTreeMap<String, String>>,
    raw_query_string: Option<String>,
    query_string_parameters: Option<BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<BTreeMap<String, Vec<String>>>,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Context,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Context {
    api_id: Option<String>,
    domain_name: Option<String>,
    path: Option<String>,
    request_id: Option<String>,
    route_key: Option<String>,
    http: Option<Http>,
}

impl Context {
    /// Returns true if the domain is that of a function URL: `<id>.lambda-url.<Region>.on.aws`.
    fn is_of_function_url(&self) -> bool {
        self.domain_name.as_deref().and_then(|name| name.split('.').nth(1)) == Some("lambda-url")
    }
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

impl Event {
    /// Parses an event. Returns `None` if it is not an event of API Gateway.
    #[must_use]
    pub fn read(event: &str) -> Option<Self> {
        serde_json::from_str(event).ok()
    }

    /// Returns true if the event is of an HTTP API in the payload format 2.0.
    #[must_use]
    pub fn is_of_http_api(&self) -> bool {
        self.version.as_deref() == Some("2.0")
    }

    /// Converts the event into a request. Returns `None` if it does not describe one.
    ///
    /// `request_id` is used if the gateway provides no request ID.
    #[must_use]
    pub fn into_raw_request(self, request_id: &str) -> Option<RawRequest> {
        let method = match &self.request_context.http {
            Some(http) => &http.method,
            None => self.http_method.as_ref()?,
        };
        let method = Method::from_bytes(method.as_bytes()).ok()?;
        let target = self.target()?;
        let base_url = self.base_url();
        let request_id = self.request_context.request_id.clone().unwrap_or_else(|| request_id.to_owned());
        let query = self.query();
        let body = match self.body {
            None => Some(Vec::new()),
            Some(text) if self.is_base64_encoded == Some(true) => STANDARD.decode(text).ok(),
            Some(text) => Some(text.into_bytes()),
        };
        Some(RawRequest {
            method,
            target,
            base_url,
            query,
            headers: merge(self.headers.unwrap_or_default(), self.multi_value_headers.unwrap_or_default()),
            body,
            request_id,
            trace_id: None,
        })
    }

    /// Returns the target of the request.
    ///
    /// A REST API delivers the path as in the URL. An HTTP API delivers it decoded in both payload
    /// formats. A function URL, which has the payload format 2.0, delivers it as in the URL, and so does the
    /// emulation by `cargo lambda watch`, which has no API ID.
    fn target(&self) -> Option<Target> {
        let parameters = || self.path_parameters.clone().unwrap_or_default();
        match self.version.as_deref() {
            Some("2.0") => {
                let path = self.raw_path.clone()?;
                if self.request_context.api_id.is_none() || self.request_context.is_of_function_url() {
                    return Some(Target::Encoded(path));
                }
                let route = self.request_context.route_key.as_deref().unwrap_or_default();
                Some(match route.split_once(' ') {
                    Some((_, template)) => {
                        Target::Matched { template: template.to_owned(), parameters: parameters() }
                    }
                    None => Target::Decoded(path),
                })
            }
            Some(_) => Some(Target::Matched { template: self.resource.clone()?, parameters: parameters() }),
            None => self.path.clone().map(Target::Encoded),
        }
    }

    /// Returns the parameters of the query string.
    ///
    /// An HTTP API delivers the raw query string in the payload format 2.0. In the other formats, the
    /// parameters are already decoded.
    fn query(&self) -> Vec<(String, String)> {
        if self.is_of_http_api() {
            return query::decode(self.raw_query_string.as_deref().unwrap_or_default());
        }
        if let Some(parameters) = &self.multi_value_query_string_parameters {
            let pairs = parameters
                .iter()
                .flat_map(|(name, values)| values.iter().map(move |value| (name.clone(), value.clone())));
            return query::sorted(pairs);
        }
        query::sorted(self.query_string_parameters.clone().unwrap_or_default())
    }

    /// Returns the base URL: scheme, host and stage as the gateway reports them.
    ///
    /// An emulator does not report the host that was called, so the `Host` header is used.
    fn base_url(&self) -> String {
        let context = &self.request_context;
        let is_emulation = self.is_of_http_api() && context.api_id.is_none();
        let host = context.domain_name.as_deref().filter(|_| !is_emulation).or_else(|| {
            let headers = self.headers.as_ref()?.iter();
            headers
                .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
                .map(|(_, value)| value.as_str())
                .next()
        });
        let host = host.unwrap_or("localhost");
        let path = context.path.as_deref().or(self.raw_path.as_deref()).unwrap_or_default();
        let stage = path.split_once(BASE_PATH).map_or("", |(before, _)| before);
        // The gateway may have decoded the stage, which becomes part of a response header.
        let stage = utf8_percent_encode(stage, NOT_IN_PATHS);
        format!("{}://{host}{stage}", if is_loopback(host) { "http" } else { "https" })
    }
}

/// Returns the trace ID of an `X-Amzn-Trace-Id` header, which has further fields.
#[must_use]
pub fn trace_id_of(header: &str) -> &str {
    header.split(';').find_map(|field| field.trim().strip_prefix("Root=")).unwrap_or(header)
}

/// Returns true if a host, with or without a port, is the local machine, which does not use TLS.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || name == "[::1]"
}

/// Returns all values of all headers: from the multi-value map if it has the header, else from the
/// plain map.
fn merge(single: BTreeMap<String, String>, multiple: BTreeMap<String, Vec<String>>) -> Vec<(String, String)> {
    let listed = |name: &str| multiple.keys().any(|key| key.eq_ignore_ascii_case(name));
    let rest: Vec<(String, String)> = single.into_iter().filter(|(name, _)| !listed(name)).collect();
    let values = multiple
        .into_iter()
        .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
    values.chain(rest).collect()
}

/// Returns the response in the gateway's format.
#[must_use]
pub fn gateway_response(response: Response, is_of_http_api: bool) -> Value {
    let headers: BTreeMap<&str, String> = response.headers.into_iter().collect();
    let mut gateway_response = json!({
        "statusCode": response.status.as_u16(),
        "headers": headers,
        "body": response.body.map(|body| body.to_string()).unwrap_or_default(),
        "isBase64Encoded": false,
    });
    if is_of_http_api {
        gateway_response["cookies"] = json!([]);
    }
    gateway_response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(event: &Value) -> RawRequest {
        Event::read(&event.to_string())
            .and_then(|event| event.into_raw_request("fallback"))
            .expect("a request")
    }

    #[test]
    fn a_rest_api_delivers_encoded_paths_and_every_value_of_a_header() {
        let request = raw(&json!({
            "resource": "/nevisidm/api/core/v1/clients/{clientExtId}",
            "path": "/nevisidm/api/core/v1/clients/a%2Fb",
            "httpMethod": "GET",
            "headers": {"Authorization": "two", "Accept": "x"},
            "multiValueHeaders": {"authorization": ["one", "two"]},
            "pathParameters": {"clientExtId": "a%2Fb"},
            "requestContext": {"domainName": "id.example", "stage": "v1", "requestId": "r",
                               "path": "/v1/nevisidm/api/core/v1/clients/a%2Fb", "apiId": "a"},
            "body": null, "isBase64Encoded": false
        }));
        assert_eq!(
            request,
            RawRequest {
                method: Method::GET,
                target: Target::Encoded("/nevisidm/api/core/v1/clients/a%2Fb".to_owned()),
                base_url: "https://id.example/v1".to_owned(),
                query: Vec::new(),
                headers: [("authorization", "one"), ("authorization", "two"), ("Accept", "x")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .to_vec(),
                body: Some(Vec::new()),
                request_id: "r".to_owned(),
                trace_id: None,
            }
        );
    }

    #[test]
    fn an_http_api_delivers_decoded_path_parameters() {
        let request = raw(&json!({
            "version": "2.0", "routeKey": "POST /nevisidm/api/core/v1/{clientExtId}/personal-questions",
            "rawPath": "/v1/nevisidm/api/core/v1/a/b/personal-questions",
            "headers": {"host": "spoofed.example"},
            "pathParameters": {"clientExtId": "a/b"},
            "requestContext": {"domainName": "id.example", "stage": "v1", "apiId": "a",
                "routeKey": "POST /nevisidm/api/core/v1/{clientExtId}/personal-questions",
                "http": {"method": "POST", "path": "/v1/nevisidm/api/core/v1/a/b/personal-questions"}},
            "body": "e30=", "isBase64Encoded": true
        }));
        assert_eq!(
            request.target,
            Target::Matched {
                template: "/nevisidm/api/core/v1/{clientExtId}/personal-questions".to_owned(),
                parameters: BTreeMap::from([("clientExtId".to_owned(), "a/b".to_owned())]),
            }
        );
        assert_eq!(request.base_url, "https://id.example/v1");
        assert_eq!((request.body, request.request_id), (Some(b"{}".to_vec()), "fallback".to_owned()));
    }

    #[test]
    fn a_function_url_delivers_encoded_paths() {
        let request = raw(&json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/nevisidm/api/core/v1/clients/%2531",
            "requestContext": {"domainName": "abc.lambda-url.eu-central-1.on.aws", "apiId": "abc",
                               "stage": "$default", "routeKey": "$default", "http": {"method": "GET"}},
        }));
        assert_eq!(request.target, Target::Encoded("/nevisidm/api/core/v1/clients/%2531".to_owned()));
        assert_eq!(request.base_url, "https://abc.lambda-url.eu-central-1.on.aws");
    }

    #[test]
    fn cargo_lambda_watch_delivers_encoded_paths_without_tls() {
        let request = raw(&json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/nevisidm/api/core/v1/clients/a%2Fb",
            "headers": {"host": "127.0.0.1:9000"},
            "requestContext": {"domainName": "localhost", "stage": "$default", "routeKey": "$default",
                               "http": {"method": "GET"}},
            "body": "not base64", "isBase64Encoded": true
        }));
        assert_eq!(request.target, Target::Encoded("/nevisidm/api/core/v1/clients/a%2Fb".to_owned()));
        assert_eq!((request.base_url.as_str(), request.body), ("http://127.0.0.1:9000", None));
    }

    /// A stage or a custom path before the base path may contain any character.
    #[test]
    fn text_before_the_base_path_is_encoded_in_urls() {
        let request = raw(&json!({
            "version": "2.0", "routeKey": "$default",
            "rawPath": "/a\r\nset-cookie: b\u{2028}?#/nevisidm/api/core/v1/clients",
            "requestContext": {"domainName": "id.example", "apiId": "a", "http": {"method": "GET"}},
        }));
        assert_eq!(request.base_url, "https://id.example/a%0D%0Aset-cookie:%20b%E2%80%A8%3F%23");
    }

    #[test]
    fn the_trace_id_is_the_root_field() {
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        for header in [
            format!("Root={id};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:5f9af2b0:0"),
            format!("Self=1-67891234-12456789abcdef012345678; Root={id}"),
            id.to_owned(),
        ] {
            assert_eq!(trace_id_of(&header), id);
        }
    }

    #[test]
    fn other_events_are_rejected() {
        for event in [
            json!(null),
            json!([]),
            json!({}),
            json!({"path": "/", "httpMethod": "a b"}),
            json!({"version": "2.0"}),
        ] {
            assert!(
                Event::read(&event.to_string()).and_then(|event| event.into_raw_request("r")).is_none(),
                "{event}"
            );
        }
    }
}
