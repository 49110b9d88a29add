//! How the table is reached: an account, a region and an endpoint from the variables that Lambda sets,
//! and a connection that trusts no more authorities than it needs.
//!
//! Reading the some 140 authorities of the system takes most of a function's start. The endpoints of
//! DynamoDB in the regions of the partition `aws` are certified by Amazon Trust Services alone, so
//! five are enough there; everywhere else the system's are read.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};

/// The roots of Amazon Trust Services as <https://www.amazontrust.com/repository/> lists them, in PEM:
/// Amazon Root CA 1 to 4 and the Starfield Services Root that signs them for older systems. Taken on
/// 2026-11-25; the first of them ends on 2037-12-31.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");

/// Whose certificates the endpoint of the table may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Roots {
    /// [`AMAZON_ROOTS`].
    Amazon,
    /// The system's, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    System,
}

/// The variables that send calls through a proxy.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// The way to the tables of an account, as the variables say that `lookup` finds and that Lambda sets:
/// `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`; and where they are
/// set, `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`, `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT`, the variables of proxies, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
///
/// # Errors
/// Which variable is missing, in one line.
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

/// The way to the tables of an account: three attempts a call, none of them long, so that a
/// request whose deadline is near can still be answered.
#[must_use]
pub fn client(config: Builder) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    Client::from_conf(config.timeout_config(timeouts).retry_config(RetryConfig::standard()).build())
}

/// The endpoint that stands in for that of the region, where there is one.
fn endpoint(optional: &impl Fn(&str) -> Option<String>) -> Option<String> {
    optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL"))
}

/// The system's authorities wherever the other end may be none of Amazon's: at another endpoint that
/// speaks TLS, behind a proxy, in another partition; and where somebody names a file of authorities.
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

/// Whether a region is one of the partition `aws`: an area of the world, one word, a number. The
/// regions of the others have another area (`cn-north-1`) or one word more (`us-gov-west-1`).
fn is_of_partition_aws(region: &str) -> bool {
    const AREAS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];
    let parts: Vec<&str> = region.split('-').collect();
    let [area, word, number] = parts[..] else { return false };
    AREAS.contains(&area) && !word.is_empty() && number.parse::<u8>().is_ok()
}

/// As the SDK makes its own, but for the authorities, and once: the SDK's has one connector to be tried
/// with when a client is made and another to work with, and reads the authorities for both.
fn http_client(roots: Roots) -> SharedHttpClient {
    let trusted = match roots {
        Roots::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        Roots::System => TrustStore::default(),
    };
    let tls = TlsContext::builder().with_trust_store(trusted).build().expect("certificates are read later");
    let connector = OnceLock::new();
    http_client_fn(move |settings, components| {
        let connector: &SharedHttpConnector = connector.get_or_init(|| {
            let mut connector = ConnectorBuilder::default()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(tls.clone())
                .proxy_config(ProxyConfig::from_env())
                .connector_settings(settings.clone());
            connector.set_sleep_impl(components.sleep_impl());
            SharedHttpConnector::new(connector.build())
        });
        connector.clone()
    })
}

#[cfg(test)]
mod tests;
