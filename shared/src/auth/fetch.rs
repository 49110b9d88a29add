//! Fetches key sets over the network with the same TLS stack as the table connection.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::TlsContext;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::key_set::Fetch;
use crate::network::{NetworkFailure, connector};

/// The maximum size of a key set, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// The time-out of an attempt.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Returns a function that fetches over the network.
///
/// It follows no redirects, because only the configured URL is trusted. If the connection fails, it
/// makes a second attempt.
#[must_use]
pub fn over_the_network() -> Fetch {
    let connector = Arc::new(OnceLock::<SharedHttpConnector>::new());
    Arc::new(move |address| {
        let connector = Arc::clone(&connector);
        Box::pin(async move {
            // Created on first use: loading the root certificates takes time, and deployments with
            // inline keys never need them.
            let connector = connector.get_or_init(new_connector);
            match attempt(connector, &address).await {
                Err(failure) if is_of_connection(failure) => attempt(connector, &address).await,
                result => result,
            }
        })
    })
}

/// Creates a connector that opens a connection for each request.
///
/// Between two fetches, a kept connection may have been closed without notice, because a function is
/// suspended between requests.
fn new_connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(TIMEOUT).read_timeout(TIMEOUT).build();
    let settings = Connector::builder().connector_settings(settings).pool_max_idle_per_host(0);
    connector(settings, TlsContext::default())
}

/// Returns true if another connection may succeed.
fn is_of_connection(failure: NetworkFailure) -> bool {
    match failure {
        NetworkFailure::Dns
        | NetworkFailure::Connect
        | NetworkFailure::Proxy
        | NetworkFailure::Tls
        | NetworkFailure::Timeout
        | NetworkFailure::Connection => true,
        NetworkFailure::Construction
        | NetworkFailure::Status(_)
        | NetworkFailure::Size
        | NetworkFailure::Response => false,
    }
}

async fn attempt(connector: &SharedHttpConnector, address: &str) -> Result<Vec<u8>, NetworkFailure> {
    tokio::time::timeout(TIMEOUT, get(connector, address)).await.unwrap_or(Err(NetworkFailure::Timeout))
}

async fn get(connector: &SharedHttpConnector, address: &str) -> Result<Vec<u8>, NetworkFailure> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(address).map_err(|_| NetworkFailure::Construction)?;
    request.headers_mut().insert("accept", "application/json");
    let response = connector.call(request).await;
    let response = response.map_err(|error| NetworkFailure::of_connector(&error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(NetworkFailure::Status(status));
    }
    let mut body = ByteStream::new(response.into_body());
    let mut text = Vec::new();
    while let Some(part) = body.next().await {
        text.extend_from_slice(&part.map_err(|_| NetworkFailure::Connection)?);
        if text.len() > MAX_BYTES {
            return Err(NetworkFailure::Size);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
