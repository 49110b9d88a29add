use std::collections::{BTreeMap, BTreeSet};

use rustls_native_certs::load_certs_from_paths;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

use super::*;

/// The SHA-256 fingerprints that are published on <https://www.amazontrust.com/repository/>.
const FINGERPRINTS: [&str; 5] = [
    "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
    "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
    "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
    "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
    "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
];

fn roots_in(region: &str, variables: &[(&str, &str)]) -> Roots {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    roots(region, &|name| variables.get(name).map(|value| (*value).to_owned()))
}

#[test]
fn only_amazon_endpoints_use_the_amazon_roots() {
    for region in ["us-east-1", "eu-central-2", "ap-southeast-5", "il-central-1", "mx-central-1"] {
        assert_eq!(roots_in(region, &[]), Roots::Amazon, "{region}");
    }
    for region in
        ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eu-isoe-west-1", "eusc-de-east-1", "local"]
    {
        assert_eq!(roots_in(region, &[]), Roots::System, "{region}");
    }
    for (name, value, expected) in [
        ("AWS_ENDPOINT_URL", "https://dynamodb.example", Roots::System),
        ("AWS_ENDPOINT_URL_DYNAMODB", "https://localhost:8000", Roots::System),
        // The connection does not use TLS.
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000", Roots::Amazon),
        ("HTTPS_PROXY", "http://proxy.example", Roots::System),
        ("all_proxy", "http://proxy.example", Roots::System),
        ("SSL_CERT_FILE", "/etc/roots.pem", Roots::System),
        ("SSL_CERT_DIR", "/etc/roots", Roots::System),
        ("NO_PROXY", "*", Roots::Amazon),
    ] {
        assert_eq!(roots_in("eu-central-1", &[(name, value)]), expected, "{name}");
    }
}

#[test]
fn the_file_contains_exactly_the_five_amazon_roots() {
    let certificates = CertificateDer::pem_slice_iter(AMAZON_ROOTS.as_bytes());
    let fingerprints: Vec<String> = certificates
        .map(|certificate| format!("{:x}", Sha256::digest(certificate.expect("a certificate"))))
        .collect();
    assert_eq!(fingerprints, FINGERPRINTS);
}

/// Roots that are no longer trusted by others must not be trusted here. An up-to-date system shows
/// which ones those are.
#[test]
fn the_system_trusts_the_same_roots() {
    let system = rustls_native_certs::load_native_certs().certs;
    if system.is_empty() {
        // A machine without root certificates, such as a small container, is skipped.
        return;
    }
    let system: BTreeSet<&[u8]> = system.iter().map(AsRef::as_ref).collect();
    for certificate in CertificateDer::pem_slice_iter(AMAZON_ROOTS.as_bytes()) {
        let certificate = certificate.expect("a certificate");
        assert!(system.contains(certificate.as_ref()), "{:x}", Sha256::digest(&certificate));
    }
}

/// Returns the host of the connection with these variables in addition to the required ones.
fn host_with(changes: &[(&str, &str)]) -> Result<String, String> {
    let mut variables = BTreeMap::from([
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    variables.extend(changes.iter().copied());
    from_environment(|name| variables.get(name).map(|value| (*value).to_owned()))
        .map(|connection| connection.host.expect("a host"))
}

#[test]
fn missing_variables_are_reported_in_one_line() {
    for (name, problem) in [
        ("AWS_REGION", "AWS_REGION is missing"),
        ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID is missing"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY is missing"),
    ] {
        for value in ["", " "] {
            assert_eq!(host_with(&[(name, value)]), Err(problem.to_owned()));
        }
    }
    assert!(from_environment(|_| None).is_err());
}

#[test]
fn the_host_is_that_of_the_configured_endpoint() {
    for (changes, host) in [
        (&[][..], "dynamodb.eu-central-1.amazonaws.com"),
        (&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", " us-east-1\n")], "dynamodb.us-east-1.amazonaws.com"),
        (&[("AWS_REGION", "cn-north-1")], "dynamodb.cn-north-1.amazonaws.com.cn"),
        (
            &[("AWS_REGION", "us-east-1"), ("AWS_USE_FIPS_ENDPOINT", " True ")],
            "dynamodb-fips.us-east-1.amazonaws.com",
        ),
        (&[("AWS_USE_FIPS_ENDPOINT", "false")], "dynamodb.eu-central-1.amazonaws.com"),
        (&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "dynamodb.eu-central-1.api.aws"),
        (&[("AWS_ENDPOINT_URL", "https://table.example/path")], "table.example"),
        (
            &[("AWS_ENDPOINT_URL", "junk"), ("AWS_ENDPOINT_URL_DYNAMODB", " http://localhost:8000 ")],
            "localhost",
        ),
        (&[("HTTPS_PROXY", "http://user:secret@proxy.example:8080")], "dynamodb.eu-central-1.amazonaws.com"),
        (&[("https_proxy", "proxy.example:8080")], "dynamodb.eu-central-1.amazonaws.com"),
    ] {
        assert_eq!(host_with(changes), Ok(host.to_owned()), "{changes:?}");
    }
}

/// The SDK ignores such a value, or fails at each request.
#[test]
fn values_that_would_be_ignored_are_rejected() {
    let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:8000");
    for (changes, problem) in [
        (&[("AWS_USE_FIPS_ENDPOINT", "1")][..], "AWS_USE_FIPS_ENDPOINT is neither 'true' nor 'false'"),
        (&[("AWS_USE_DUALSTACK_ENDPOINT", "on")], "AWS_USE_DUALSTACK_ENDPOINT is neither 'true' nor 'false'"),
        (
            &[endpoint, ("AWS_USE_FIPS_ENDPOINT", "true")],
            "AWS_USE_FIPS_ENDPOINT cannot be combined with AWS_ENDPOINT_URL_DYNAMODB",
        ),
        (
            &[("AWS_ENDPOINT_URL", "http://a"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS cannot be combined with AWS_ENDPOINT_URL",
        ),
        (
            &[("AWS_ENDPOINT_URL_DYNAMODB", "localhost:8000")],
            "AWS_ENDPOINT_URL_DYNAMODB is not an http or https URL",
        ),
        (&[("AWS_ENDPOINT_URL", "dynamodb.example")], "AWS_ENDPOINT_URL is not an http or https URL"),
        (&[("AWS_ENDPOINT_URL", "https://")], "AWS_ENDPOINT_URL is not an http or https URL"),
        (&[("AWS_ENDPOINT_URL", "http://a b")], "AWS_ENDPOINT_URL is not an http or https URL"),
        (&[("AWS_ENDPOINT_URL", "http://user@a")], "AWS_ENDPOINT_URL is not an http or https URL"),
        (&[("AWS_REGION", "eu central 1")], "AWS_REGION is not the name of a Region"),
        (&[("AWS_REGION", "evil.example/")], "AWS_REGION is not the name of a Region"),
        (&[("HTTPS_PROXY", "http://proxy .example")], "HTTPS_PROXY is not the URL of an HTTP proxy"),
        (&[("ALL_PROXY", "socks5://proxy.example")], "ALL_PROXY is not the URL of an HTTP proxy"),
        (&[("http_proxy", "/proxy")], "http_proxy is not the URL of an HTTP proxy"),
        (
            &[("HTTPS_PROXY", ""), ("https_proxy", "http://proxy.example")],
            "HTTPS_PROXY is empty, but https_proxy is not",
        ),
    ] {
        assert_eq!(host_with(changes), Err(problem.to_owned()), "{changes:?}");
    }
}

#[test]
fn root_certificates_that_cannot_be_used_are_rejected() {
    let folder = std::env::temp_dir();
    let file = |name: &str, content: &str| {
        let path = folder.join(format!("{name}-{}", std::process::id()));
        std::fs::write(&path, content).expect("a file");
        path
    };
    let (sound, empty) = (file("roots", AMAZON_ROOTS), file("empty", ""));
    let junk = file("junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let problem = "SSL_CERT_FILE and SSL_CERT_DIR have no usable certificate";
    for (path, expected) in [
        (&sound, Ok(())),
        (&empty, Err(problem.to_owned())),
        (&junk, Err(problem.to_owned())),
        (&folder.join("no-such-file"), Err(format!("{problem}: entity not found"))),
    ] {
        let loaded = load_certs_from_paths(Some(path), None);
        assert_eq!(require_usable_certificates(&loaded), expected, "{}", path.display());
    }
    for path in [sound, empty, junk] {
        std::fs::remove_file(path).expect("a file");
    }
}
