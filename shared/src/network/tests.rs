//! Tests the classification with the failures of real connections on the loopback interface.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::spawn;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::*;

/// Starts a server that reads from each connection and then calls `respond`.
fn server(respond: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a caller");
            // The part of the request that arrives first is enough.
            let _ = stream.read(&mut [0; 1024]);
            respond(stream);
        }
    });
    address.to_string()
}

fn respond(mut stream: TcpStream, response: &str) {
    stream.write_all(response.as_bytes()).expect("a client that reads");
}

/// Returns the failure of a request, with an HTTP proxy if there is one.
async fn failure(address: &str, proxy: Option<&str>) -> NetworkFailure {
    let short = Duration::from_millis(300);
    let proxy = proxy.map_or_else(ProxyConfig::disabled, |proxy| {
        ProxyConfig::all(format!("http://{proxy}")).expect("a proxy")
    });
    let connector = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().read_timeout(short).build())
        .proxy_config(proxy)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build();
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(address).expect("a URL");
    let error = connector.call(request).await.expect_err("a failure");
    NetworkFailure::of_connector(&error)
}

#[tokio::test]
async fn each_failure_of_a_connection_has_its_kind() {
    let closing = server(drop);
    let silent = server(|stream| {
        spawn(move || {
            std::thread::sleep(Duration::from_secs(5));
            drop(stream);
        });
    });
    let plain = server(|stream| respond(stream, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
    let refusing = server(|stream| respond(stream, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"));
    // A name may have at most 63 characters between two dots, so no name server is asked.
    let unknown = format!("http://{}.example/", "a".repeat(64));
    for (address, proxy, expected) in [
        (unknown, None, NetworkFailure::Dns),
        // Nothing listens on the discard port.
        ("http://127.0.0.1:9/".to_owned(), None, NetworkFailure::Connect),
        ("https://127.0.0.1:9/".to_owned(), None, NetworkFailure::Connect),
        (format!("https://{plain}/"), None, NetworkFailure::Tls),
        (format!("http://{silent}/"), None, NetworkFailure::Timeout),
        (format!("http://{closing}/"), None, NetworkFailure::Connection),
        (format!("https://{closing}/"), None, NetworkFailure::Connection),
        ("https://table.example/".to_owned(), Some(&refusing), NetworkFailure::Proxy),
    ] {
        assert_eq!(failure(&address, proxy.map(String::as_str)).await, expected, "{address}");
    }
}

#[test]
fn a_request_that_cannot_be_built_has_its_kind() {
    let error = ConnectorError::user("an invalid header".into());
    assert_eq!(NetworkFailure::of_connector(&error), NetworkFailure::Construction);
}
