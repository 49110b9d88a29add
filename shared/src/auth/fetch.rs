//! Fetches key sets over the network with the same TLS stack as the table connection.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::key_set::Fetch;
use crate::network::connector;

/// The maximum size of a key set, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// The time-out of a fetch.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Returns a function that fetches over the network.
///
/// It follows no redirects, because only the configured URL is trusted.
#[must_use]
pub fn over_the_network() -> Fetch {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT).build();
    let shared = Arc::new(std::sync::OnceLock::<SharedHttpConnector>::new());
    Arc::new(move |address| {
        let settings = settings.clone();
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            // Created on first use: loading the root certificates takes time, and deployments with
            // inline keys never need them.
            let shared = shared.get_or_init(|| {
                connector(Connector::builder().connector_settings(settings), TlsContext::default())
            });
            tokio::time::timeout(TIMEOUT, get(shared, &address)).await.ok().flatten()
        })
    })
}

async fn get(connector: &SharedHttpConnector, address: &str) -> Option<Vec<u8>> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(address).ok()?;
    request.headers_mut().insert("accept", "application/json");
    let response = connector.call(request).await.ok()?;
    if response.status().as_u16() != 200 {
        return None;
    }
    let mut body = ByteStream::new(response.into_body());
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
