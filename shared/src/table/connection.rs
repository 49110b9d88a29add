//! The connection to the table: region, credentials and endpoint, and the trusted root certificates.
//!
//! Loading about 140 system root certificates takes most of a function's cold start. DynamoDB endpoints
//! in the partition `aws` use only certificates of Amazon Trust Services, so five roots are enough
//! there. Elsewhere, the system's roots are loaded.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use futures_util::FutureExt as _;
use lambda_http::http::Uri;
use rustls::RootCertStore;
use rustls_native_certs::{CertificateResult, ErrorKind};

use super::attempts::{AnotherAttempt, CompleteResponses};

use crate::network;

/// The root certificates of Amazon Trust Services from <https://www.amazontrust.com/repository/>, in
/// PEM.
///
/// They are Amazon Root CA 1 to 4 and the Starfield Services Root, which cross-signs them for older
/// systems. Retrieved on 2026-11-25. The first of them expires on 2037-12-31.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");

/// A client and the host that it calls.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// The host for log lines, if it is known.
    pub host: Option<String>,
}

impl From<Client> for Connection {
    fn from(client: Client) -> Self {
        Self { client, host: None }
    }
}

/// The root certificates that the endpoint of the table is verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Roots {
    /// [`AMAZON_ROOTS`].
    Amazon,
    /// The system's roots, or those in `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
}

/// The environment variables that configure a proxy. The HTTP client uses the first of each pair that is
/// set, even if it is empty.
const PROXIES: [[&str; 2]; 3] =
    [["HTTP_PROXY", "http_proxy"], ["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// The environment variables of the endpoint, the preferred one first.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];

/// The environment variables that replace the system's root certificates.
const CERTIFICATES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Creates a client from environment variables, which `lookup` reads.
///
/// Lambda sets `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
/// Optional variables are `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`, `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT`, those of proxies, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
///
/// A value that the SDK or the HTTP client would ignore is an error, because the data would take another
/// way than the configured one.
///
/// # Errors
/// Returns the missing or invalid variable in one line.
pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Result<Connection, String> {
    let optional = |name: &str| value_of(&lookup, name);
    let (region, credentials) = identity(&optional)?;
    let endpoint = endpoint(&optional)?;
    let use_fips = is_on("AWS_USE_FIPS_ENDPOINT", &optional)?;
    let use_dual_stack = is_on("AWS_USE_DUALSTACK_ENDPOINT", &optional)?;
    let params = Params::builder()
        .region(&region)
        .set_endpoint(endpoint.clone())
        .use_fips(use_fips)
        .use_dual_stack(use_dual_stack)
        .build();
    let host = host(&params.map_err(|_| "AWS_REGION is not the name of a Region")?)?;
    require_usable_proxies(&lookup)?;
    if CERTIFICATES.iter().any(|name| optional(name).is_some()) {
        require_usable_certificates(&rustls_native_certs::load_native_certs())?;
    }
    let roots = roots(&region, &optional);
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .use_fips(use_fips)
        .use_dual_stack(use_dual_stack)
        .http_client(http_client(roots));
    config.set_endpoint_url(endpoint);
    Ok(Connection { client: client(config), host: Some(host) })
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
    let config = config.timeout_config(timeouts).retry_config(RetryConfig::standard());
    Client::from_conf(config.interceptor(CompleteResponses).retry_classifier(AnotherAttempt).build())
}

/// Returns the value of an environment variable, which `lookup` reads, without white space around it. An empty variable
/// counts as missing.
pub(crate) fn value_of(lookup: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Returns the Region and the credentials that Lambda sets.
///
/// # Errors
/// Returns the missing variable in one line.
pub(crate) fn identity(optional: &impl Fn(&str) -> Option<String>) -> Result<(String, Credentials), String> {
    let required = |name: &str| optional(name).ok_or_else(|| format!("{name} is missing"));
    let region = optional("AWS_REGION").map_or_else(|| required("AWS_DEFAULT_REGION"), Ok);
    let region = region.map_err(|_| "AWS_REGION is missing".to_owned())?;
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        optional("AWS_SESSION_TOKEN"),
        None,
        "Lambda's variables",
    );
    Ok((region, credentials))
}

/// Returns an HTTP client like that of the SDK, which trusts the system's roots.
pub(crate) fn system_http_client() -> SharedHttpClient {
    http_client(Roots::System)
}

/// Returns true if a variable is set to `true`.
fn is_on(name: &str, optional: &impl Fn(&str) -> Option<String>) -> Result<bool, String> {
    match optional(name).map(|value| value.to_ascii_lowercase()).as_deref() {
        Some("true") => Ok(true),
        Some("false") | None => Ok(false),
        Some(_) => Err(format!("{name} is neither 'true' nor 'false'")),
    }
}

/// Returns the custom endpoint, if one is configured.
fn endpoint(optional: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    let configured = ENDPOINTS.into_iter().find_map(|name| Some((name, optional(name)?)));
    let Some((name, url)) = configured else { return Ok(None) };
    let is_valid = url.parse::<Uri>().is_ok_and(|url| {
        let has_scheme = matches!(url.scheme_str(), Some("http" | "https"));
        let has_host = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        has_scheme && has_host && url.query().is_none()
    });
    if !is_valid {
        return Err(format!("{name} is not an http or https URL"));
    }
    for other in
        ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"]
    {
        if is_on(other, optional)? {
            return Err(format!("{other} cannot be combined with {name}"));
        }
    }
    Ok(Some(url))
}

/// Returns the host of the endpoint that the SDK uses.
fn host(params: &Params) -> Result<String, String> {
    let resolver = DefaultResolver::new();
    let endpoint = resolver.resolve_endpoint(params).now_or_never().and_then(Result::ok);
    let url = endpoint.and_then(|endpoint| endpoint.url().parse::<Uri>().ok());
    let host = url.as_ref().and_then(Uri::host).map(str::to_owned);
    host.ok_or_else(|| {
        "AWS_REGION has no endpoint with AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT".to_owned()
    })
}

/// Requires that the HTTP client uses each configured proxy.
///
/// It ignores values that are no URL, and then connects directly.
fn require_usable_proxies(lookup: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
    for [name, other] in PROXIES {
        let (name, value) = match (lookup(name), lookup(other)) {
            (Some(value), Some(hidden)) if value.is_empty() && !hidden.is_empty() => {
                return Err(format!("{name} is empty, but {other} is not"));
            }
            (Some(value), _) => (name, value),
            (None, Some(value)) => (other, value),
            (None, None) => continue,
        };
        let is_usable = value.parse::<Uri>().is_ok_and(|url| {
            matches!(url.scheme_str(), None | Some("http" | "https")) && url.authority().is_some()
        });
        if !value.is_empty() && !is_usable {
            return Err(format!("{name} is not the URL of an HTTP proxy"));
        }
    }
    Ok(())
}

/// Requires that at least one of the configured root certificates can be used.
///
/// The HTTP client would fail at each connection instead.
fn require_usable_certificates(loaded: &CertificateResult) -> Result<(), String> {
    let (usable, _) = RootCertStore::empty().add_parsable_certificates(loaded.certs.iter().cloned());
    if usable > 0 {
        return Ok(());
    }
    let reason = loaded.errors.first().map(|error| match &error.kind {
        ErrorKind::Io { inner, .. } => format!(": {}", inner.kind()),
        _ => String::new(),
    });
    Err(format!("{} have no usable certificate{}", CERTIFICATES.join(" and "), reason.unwrap_or_default()))
}

/// Returns the roots to trust.
///
/// They are the system's if the peer may not be an Amazon endpoint: with a custom TLS endpoint, a proxy
/// or another partition. They are also the system's if certificate files are configured.
fn roots(region: &str, optional: &impl Fn(&str) -> Option<String>) -> Roots {
    let is_set = |name: &&str| optional(name).is_some();
    let endpoint = ENDPOINTS.into_iter().find_map(optional);
    let elsewhere = endpoint.is_some_and(|endpoint| !endpoint.starts_with("http://"));
    let named = CERTIFICATES.iter().any(is_set);
    if elsewhere || named || PROXIES.iter().flatten().any(is_set) || !is_of_partition_aws(region) {
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
