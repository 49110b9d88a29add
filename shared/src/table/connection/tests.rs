use std::collections::{BTreeMap, BTreeSet};

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

#[test]
fn missing_variables_are_reported_in_one_line() {
    let set = |names: &'static [&'static str]| {
        move |name: &str| names.contains(&name).then(|| "us-east-1".to_owned())
    };
    let message = |names| from_environment(set(names)).map(|_| ());
    assert_eq!(message(&[]), Err("AWS_REGION is missing".to_owned()));
    assert_eq!(message(&["AWS_REGION"]), Err("AWS_ACCESS_KEY_ID is missing".to_owned()));
    let without_secret = &["AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"];
    assert_eq!(message(without_secret), Err("AWS_SECRET_ACCESS_KEY is missing".to_owned()));
    assert_eq!(message(&["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]), Ok(()));
}
