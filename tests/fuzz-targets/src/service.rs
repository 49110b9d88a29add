//! Common fixtures of the targets: signing keys, a configuration, a fixed time and a request.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use functions::clients::create::OPERATION;
use serde_json::json;
use shared::auth::keys::{Purpose, VerificationKey, parse_key_set};
use shared::clock::Deadline;
use shared::clock::{Clock, Random, Timestamp};
use shared::http::{BASE_PATH, RawRequest, Request, Target};
use shared::operation::route;
use shared::policy::Settings;
use shared::service::config::Config;

/// Key ID and algorithm of the two signing keys.
pub(crate) const SIGNERS: [(&str, &str); 2] = [("ed", "EdDSA"), ("hs", "HS256")];
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "idm";
/// Current time of all targets, in seconds since the Unix epoch.
const NOW: i64 = 1_800_000_000;

/// Seed and shared secret. It is not confidential, because only these targets trust its signatures.
const SEED: [u8; 32] = [7; 32];

static ED25519: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a seed"));

/// Verification keys of the signing keys.
pub(crate) static KEYS: LazyLock<Vec<VerificationKey>> = LazyLock::new(|| {
    let (public, secret) = (ED25519.public_key().as_ref(), SEED.as_slice());
    let [public, secret] = [public, secret].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let [(ed, _), (hs, algorithm)] = SIGNERS;
    let set = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "kid": ed, "x": public},
        {"kty": "oct", "alg": algorithm, "kid": hs, "k": secret},
    ]});
    parse_key_set(set.to_string().as_bytes(), Purpose::XToken, &[]).expect("a key set").keys
});

pub(crate) static SETTINGS: LazyLock<Settings> = LazyLock::new(|| config().settings);

/// Signs a text with the key of an algorithm, or with the shared secret if there is no such key. Returns the
/// signature in base64url.
pub(crate) fn signature(algorithm: &str, text: &str) -> String {
    if algorithm == SIGNERS[0].1 {
        URL_SAFE_NO_PAD.encode(ED25519.sign(text.as_bytes()))
    } else {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &SEED);
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
    }
}

/// Returns the variables of a complete configuration.
///
/// # Panics
/// If a key cannot be generated.
pub(crate) fn variables() -> BTreeMap<String, String> {
    let key = |seed: u8| {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed");
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public}]}).to_string()
    };
    let variables = [
        ("TABLE_NAME", "table".to_owned()),
        ("MULTI_CLIENT_MODE", "true".to_owned()),
        ("BEARER_ISSUER", ISSUER.to_owned()),
        ("BEARER_AUDIENCE", AUDIENCE.to_owned()),
        ("BEARER_JWKS", key(1)),
        ("X_TOKEN_JWKS", key(2)),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Returns the configuration of [`variables`].
pub(crate) fn config() -> Config {
    let variables = variables();
    Config::read(|name| variables.get(name).cloned()).expect("a configuration")
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_millis(NOW * 1000).expect("a timestamp")
}

pub(crate) fn clock() -> Clock {
    Clock::from_fn(now)
}

pub(crate) fn random() -> Random {
    Random::from_fn(|| [7; 16])
}

/// Returns a request to create a client with these headers and this body.
pub(crate) fn request(headers: &[(&str, &str)], body: &[u8]) -> Request {
    let incoming = RawRequest {
        method: OPERATION.method.clone(),
        target: Target::Encoded(format!("{BASE_PATH}{}", OPERATION.path)),
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Some(body.to_vec()),
        request_id: "r".to_owned(),
        trace_id: None,
    };
    route([&OPERATION], incoming, Deadline::after(Duration::from_secs(1))).expect("the operation").1
}
