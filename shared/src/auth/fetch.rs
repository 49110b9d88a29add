//! Fetching key sets over the network, with the TLS stack that the table is reached with.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::key_set::Fetch;

/// The largest key set that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// How long to wait for the server.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Fetches over the network. No redirect is followed: the address that is configured is the one
/// that is trusted.
#[must_use]
pub fn over_the_network() -> Fetch {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT).build();
    let connector = Arc::new(std::sync::OnceLock::<Connector>::new());
    Arc::new(move |address| {
        let settings = settings.clone();
        let connector = Arc::clone(&connector);
        Box::pin(async move {
            // Made when first needed: reading the roots of trust takes time, and most deployments
            // that configure their keys inline never need them here.
            let connector = connector.get_or_init(|| {
                Connector::builder()
                    .connector_settings(settings)
                    .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                    .build()
            });
            tokio::time::timeout(TIMEOUT, get(connector, &address)).await.ok().flatten()
        })
    })
}

async fn get(connector: &Connector, address: &str) -> Option<Vec<u8>> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(address).ok()?;
    request.headers_mut().insert("accept", "application/json");
    let answer = connector.call(request).await.ok()?;
    if answer.status().as_u16() != 200 {
        return None;
    }
    let mut body = ByteStream::new(answer.into_body());
    let mut text = Vec::new();
    while let Some(part) = body.next().await {
        text.extend_from_slice(&part.ok()?);
        if text.len() > MAX_BYTES {
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests;
