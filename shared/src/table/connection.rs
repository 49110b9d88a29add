//! The connection to the table: region, credentials and endpoint, and the trusted root certificates.
//!
//! Loading about 140 system root certificates takes most of a function's cold start. DynamoDB endpoints
//! in the partition `aws` use only certificates of Amazon Trust Services, so five roots are enough
//! there. Elsewhere, the system's roots are loaded.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};

use crate::network;

/// The root certificates of Amazon Trust Services from <https://www.amazontrust.com/repository/>, in
/// PEM.
///
/// They are Amazon Root CA 1 to 4 and the Starfield Services Root, which cross-signs them for older
/// systems. Retrieved on 2026-11-25. The first of them expires on 2037-12-31.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");

/// The root certificates that the endpoint of the table is verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Roots {
    /// [`AMAZON_ROOTS`].
    Amazon,
    /// The system's roots, or those in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
}

/// The environment variables that configure a proxy.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// Creates a client from environment variables, which `lookup` reads.
///
/// Lambda sets `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
/// Optional variables are `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`, `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT`, those of proxies, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
///
/// # Errors
/// Returns the missing variable in one line.
pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Result<Client, String> {
    let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let required = |name: &str| optional(name).ok_or_else(|| format!("{name} is missing"));
    let is_on = |name: &str| optional(name).map(|value| value.eq_ignore_ascii_case("true"));
    let region = optional("AWS_REGION").map_or_else(|| required("AWS_DEFAULT_REGION"), Ok);
    let region = region.map_err(|_| "AWS_REGION is missing".to_owned())?;
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        optional("AWS_SESSION_TOKEN"),
        None,
        "Lambda's variables",
    );
    let roots = roots(&region, &optional);
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .http_client(http_client(roots));
    config.set_endpoint_url(endpoint(&optional));
    config.set_use_fips(is_on("AWS_USE_FIPS_ENDPOINT"));
    config.set_use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"));
    Ok(client(config))
}

/// Creates a client that makes up to three attempts per call, each with a short time-out.
///
/// A request can therefore respond in time even if its deadline is near.
#[must_use]
pub fn client(config: Builder) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    Client::from_conf(config.timeout_config(timeouts).retry_config(RetryConfig::standard()).build())
}

/// Returns the custom endpoint, if one is configured.
fn endpoint(optional: &impl Fn(&str) -> Option<String>) -> Option<String> {
    optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL"))
}

/// Returns the roots to trust.
///
/// They are the system's if the peer may not be an Amazon endpoint: with a custom TLS endpoint, a proxy
/// or another partition. They are also the system's if certificate files are configured.
fn roots(region: &str, optional: &impl Fn(&str) -> Option<String>) -> Roots {
    let is_set = |name: &&str| optional(name).is_some();
    let elsewhere = endpoint(optional).is_some_and(|endpoint| !endpoint.starts_with("http://"));
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(is_set);
    if elsewhere || named || PROXIES.iter().any(is_set) || !is_of_partition_aws(region) {
        Roots::System
    } else {
        Roots::Amazon
    }
}

/// Returns true if a region is in the partition `aws`: an area, one word and a number.
///
/// Regions of other partitions have another area (`cn-north-1`) or an additional word
/// (`us-gov-west-1`).
fn is_of_partition_aws(region: &str) -> bool {
    const AREAS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];
    let parts: Vec<&str> = region.split('-').collect();
    let [area, word, number] = parts[..] else { return false };
    AREAS.contains(&area) && !word.is_empty() && number.parse::<u8>().is_ok()
}

/// Creates an HTTP client like that of the SDK, except for the trusted roots and with a single
/// connector.
///
/// The SDK creates one connector to validate the client and another one to use, and loads the roots for
/// both.
fn http_client(roots: Roots) -> SharedHttpClient {
    let trusted = match roots {
        Roots::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        Roots::System => TrustStore::default(),
    };
    let tls = TlsContext::builder().with_trust_store(trusted).build().expect("certificates are parsed later");
    let connector = OnceLock::new();
    http_client_fn(move |settings, components| {
        let connector: &SharedHttpConnector = connector.get_or_init(|| {
            let mut builder = ConnectorBuilder::default().connector_settings(settings.clone());
            builder.set_sleep_impl(components.sleep_impl());
            network::connector(builder, tls.clone())
        });
        connector.clone()
    })
}

#[cfg(test)]
mod tests;
