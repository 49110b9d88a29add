//! HTTP client for the host that `API_TARGET` names.

use std::net::{IpAddr, Ipv4Addr};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

use super::answer::Answer;
use super::call::Sent;
use super::target::{Kind, kind};

/// A client of a host.
#[derive(Debug)]
pub(crate) struct Http {
    base_url: String,
    connector: Connector,
}

impl Http {
    /// Creates a client of the host at a base URL.
    pub(crate) fn new(base_url: String) -> Self {
        let connector = Connector::builder()
            .connector_settings(HttpConnectorSettings::default())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_with_resolver(Resolver);
        Self { base_url, connector }
    }

    /// Sends a request and returns the response.
    pub(crate) async fn send(&self, sent: Sent) -> Answer {
        self.try_send(sent).await.expect("an answer")
    }

    /// Sends a request and returns the response, or `None` if the host terminates before it
    /// responds.
    pub(crate) async fn try_send(&self, sent: Sent) -> Option<Answer> {
        let mut request = HttpRequest::new(SdkBody::from(sent.body));
        request.set_method(&sent.method).expect("a method");
        request.set_uri(format!("{}{}", self.base_url, sent.path)).expect("an address");
        for (name, value) in sent.headers {
            request.headers_mut().append(name, value);
        }
        let answer = self.connector.call(request).await.ok()?;
        let headers = answer.headers().iter().map(|(name, value)| (own_name(name), value.to_owned()));
        let mut headers: Vec<(String, String)> = headers.collect();
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.into_body()).collect().await.ok()?.into_bytes();
        if kind() == Kind::Gateway {
            // The emulator of the rehearsal adds its own.
            headers.retain(|(name, _)| !name.starts_with("access-control-"));
        }
        if body.is_empty() && sent.method != "HEAD" && kind() == Kind::Gateway {
            // A REST API adds `content-type: application/json` if a function sets none, even
            // without a body.
            headers.retain(|(name, _)| name != "content-type");
        }
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body)
                .unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into())
        };
        Some(Answer::new(status, headers, body, false))
    }
}

/// Returns the original name of a header that a REST API has renamed.
fn own_name(name: &str) -> String {
    name.strip_prefix("x-amzn-remapped-").unwrap_or(name).to_owned()
}

/// Resolves names that end in `.localhost` to this machine, as RFC 6761 requires. The system
/// resolves all other names.
#[derive(Clone, Debug)]
struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        if name.ends_with(".localhost") {
            return DnsFuture::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
        }
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
