//! Connections to other services, and the classification of failed requests.
//!
//! The messages of the HTTP client contain addresses and names that others choose. The kinds below are a
//! closed list, so that they can be logged.

use std::error::Error;
use std::io;

use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Creates the connector of these settings, which trusts the root certificates of `tls`.
///
/// It uses the proxies of the environment: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, except for the
/// hosts in `NO_PROXY`. The lower-case forms of these variables are used, too.
#[must_use]
pub fn connector(settings: ConnectorBuilder, tls: TlsContext) -> SharedHttpConnector {
    let connector = settings
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls)
        .proxy_config(ProxyConfig::from_env());
    SharedHttpConnector::new(connector.build())
}

/// The reason why a request to another service received no usable response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFailure {
    /// The name of the host cannot be resolved.
    Dns,
    /// The host cannot be reached, or rejects the connection.
    Connect,
    /// The proxy opens no tunnel to the host.
    Proxy,
    /// The TLS handshake fails, for example because the certificate is not trusted.
    Tls,
    /// There is no response in time.
    Timeout,
    /// The connection breaks before the response is complete.
    Connection,
    /// The request cannot be built.
    Construction,
    /// The response has this status, which reports a failure.
    Status(u16),
    /// The response is too large.
    Size,
    /// The content of the response is not valid.
    Response,
}

impl NetworkFailure {
    /// Classifies an error of the HTTP client.
    #[must_use]
    pub fn of_connector(error: &ConnectorError) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        if error.is_user() {
            return Self::Construction;
        }
        let mut next: Option<&(dyn Error + 'static)> = error.source();
        while let Some(error) = next {
            // The client does not export the types of these errors.
            let message = error.to_string();
            if message == "dns error" {
                return Self::Dns;
            }
            if message.starts_with("tunnel error") {
                return Self::Proxy;
            }
            let input_output = error.downcast_ref::<io::Error>();
            if let Some(failure) = input_output.and_then(|error| of_kind(error.kind())) {
                return failure;
            }
            next = match input_output.and_then(io::Error::get_ref) {
                // `source` skips the error that an I/O error wraps.
                Some(wrapped) => Some(wrapped),
                None => error.source(),
            };
        }
        Self::Connection
    }

    /// Returns the name of this kind of failure in log lines.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Construction => "construction",
            Self::Status(_) => "status",
            Self::Size => "size",
            Self::Response => "response",
        }
    }

    /// Returns the HTTP status of the response, if it is the failure.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Status(status) => Some(status),
            Self::Dns
            | Self::Connect
            | Self::Proxy
            | Self::Tls
            | Self::Timeout
            | Self::Connection
            | Self::Construction
            | Self::Size
            | Self::Response => None,
        }
    }
}

/// Classifies an I/O error, if its kind decides.
fn of_kind(kind: io::ErrorKind) -> Option<NetworkFailure> {
    match kind {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => Some(NetworkFailure::Connect),
        // Reported by the TLS library for an untrusted certificate and for anything that is not TLS.
        io::ErrorKind::InvalidData => Some(NetworkFailure::Tls),
        io::ErrorKind::TimedOut => Some(NetworkFailure::Timeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
