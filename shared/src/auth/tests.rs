//! Keys, tokens and requests for the tests of this module: made on the spot, valid at one moment.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::data_room::Needs;
use super::key_set::{KeySet, KeySource};
use super::keys::{Purpose, VerificationKey, parse_key_set};
use crate::clock::Deadline;
use crate::clock::Timestamp;
use crate::http::{BASE_PATH, Method, RawRequest, Request, Response, Target};
use crate::operation::route;
use crate::operation::tests::admitting;

/// The moment of all tests, in seconds since 1970.
pub(crate) const NOW: i64 = 1_800_000_000;

/// The moment of all tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_millis(NOW * 1000).expect("a moment")
}

/// The algorithms that a key may serve in either set.
pub(crate) const ASYMMETRIC: [&str; 9] =
    ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
/// The algorithms that a key may serve in the set of X-Tokens only.
pub(crate) const SYMMETRIC: [&str; 3] = ["HS256", "HS384", "HS512"];

/// A key that signs tokens.
pub(crate) struct SigningKey {
    algorithm: &'static str,
    id: &'static str,
    private: Private,
}

enum Private {
    Edwards(Ed25519KeyPair),
    Elliptic(EcdsaKeyPair),
    Rsa(&'static RsaKeyPair),
    Secret(Vec<u8>),
}

/// One key for all tests: it takes long to make.
fn rsa() -> &'static RsaKeyPair {
    static KEY: OnceLock<RsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
}

/// Bytes as tokens and keys carry them.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SigningKey {
    /// A new key for this algorithm. Those of RSA, and the secrets of one length, are all the same.
    pub(crate) fn new(algorithm: &'static str, id: &'static str) -> Self {
        let elliptic = |curve| Private::Elliptic(EcdsaKeyPair::generate(curve).expect("a key"));
        let private = match algorithm {
            "EdDSA" => Private::Edwards(Ed25519KeyPair::generate().expect("a key")),
            "ES256" => elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "HS256" => Private::Secret((0..32).collect()),
            "HS384" => Private::Secret((0..48).collect()),
            "HS512" => Private::Secret((0..64).collect()),
            _ => Private::Rsa(rsa()),
        };
        Self { algorithm, id, private }
    }

    /// A key that signs with this secret.
    pub(crate) fn of_secret(algorithm: &'static str, id: &'static str, secret: &[u8]) -> Self {
        Self { algorithm, id, private: Private::Secret(secret.to_vec()) }
    }

    /// The public half, without what a key may leave out: id, algorithm, use.
    pub(crate) fn bare_jwk(&self) -> Value {
        match &self.private {
            Private::Edwards(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key())})
            }
            Private::Elliptic(key) => {
                let (x, y) = halves(&key.public_key().as_ref()[1..]);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Private::Rsa(key) => {
                let (n, e) = (key.public_key().modulus(), key.public_key().exponent());
                let [n, e] = [n, e].map(|number| base64url(number.big_endian_without_leading_zero()));
                json!({"kty": "RSA", "n": n, "e": e})
            }
            Private::Secret(secret) => json!({"kty": "oct", "k": base64url(secret)}),
        }
    }

    /// The key as it stands in a set.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = self.bare_jwk();
        for (name, value) in [("kid", self.id), ("alg", self.algorithm), ("use", "sig")] {
            jwk[name] = value.into();
        }
        jwk
    }

    /// The bytes of the public half in the forms in which it is handed around, each of which a
    /// careless verifier could take for a secret.
    pub(crate) fn public_forms(&self) -> Vec<Vec<u8>> {
        let jwk = self.bare_jwk();
        let text = jwk.to_string().into_bytes();
        let parts = ["x", "y", "n", "e"].into_iter().filter_map(|part| jwk[part].as_str());
        let parts = parts
            .flat_map(|part| [part.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(part).expect("base64url")]);
        let der = match &self.private {
            Private::Edwards(key) => key.public_key().as_ref().to_vec(),
            Private::Elliptic(key) => key.public_key().as_ref().to_vec(),
            Private::Rsa(key) => key.public_key().as_ref().to_vec(),
            Private::Secret(secret) => secret.clone(),
        };
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            base64::engine::general_purpose::STANDARD.encode(&der)
        );
        parts.chain([text, der, pem.into_bytes()]).collect()
    }

    /// The signature under an algorithm, the key's own or another that it can sign with.
    fn sign(&self, algorithm: &str, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Edwards(key) => key.sign(signed).as_ref().to_vec(),
            Private::Elliptic(key) => key.sign(&random, signed).expect("a signature").as_ref().to_vec(),
            Private::Rsa(key) => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &random, signed, &mut signature).expect("a signature");
                signature
            }
            Private::Secret(secret) => {
                let hash = match algorithm {
                    "HS384" => hmac::HMAC_SHA384,
                    "HS512" => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                hmac::sign(&hmac::Key::new(hash, secret), signed).as_ref().to_vec()
            }
        }
    }

    /// The header that names this key and its algorithm.
    pub(crate) fn header(&self, token_type: &str) -> Value {
        json!({"alg": self.algorithm, "kid": self.id, "typ": token_type})
    }

    /// A token of exactly this header and payload, signed as the header says where the key can.
    pub(crate) fn token(&self, header: &str, payload: &str) -> String {
        let algorithm = serde_json::from_str::<Value>(header).unwrap_or_default()["alg"].clone();
        let algorithm = algorithm.as_str().unwrap_or(self.algorithm);
        self.token_of_parts(algorithm, &base64url(header), &base64url(payload))
    }

    /// A token of parts that are encoded already.
    pub(crate) fn token_of_parts(&self, algorithm: &str, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = base64url(self.sign(algorithm, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// A token of these claims.
    pub(crate) fn token_of(&self, token_type: &str, claims: &Value) -> String {
        self.token(&self.header(token_type).to_string(), &claims.to_string())
    }
}

fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.len() / 2)
}

/// The text of a set of these keys.
pub(crate) fn jwks(keys: &[&SigningKey]) -> String {
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
    json!({"keys": keys}).to_string()
}

/// The keys that verify what these keys sign.
pub(crate) fn verification_keys(keys: &[&SigningKey], purpose: Purpose) -> Vec<VerificationKey> {
    parse_key_set(jwks(keys).as_bytes(), purpose).expect("a key set")
}

/// A set of these keys that stands in the configuration.
pub(crate) fn key_set(keys: &[&SigningKey], purpose: Purpose) -> KeySet {
    let source = KeySource::Inline(verification_keys(keys, purpose));
    KeySet::new(source, purpose, Arc::new(|_| Box::pin(async { None })))
}

/// A set at an address that cannot be reached.
pub(crate) fn unreachable_key_set(purpose: Purpose) -> KeySet {
    let source = KeySource::Remote("https://keys.example/jwks".to_owned());
    KeySet::new(source, purpose, Arc::new(|_| Box::pin(async { None })))
}

/// An object with a member set to a value, or taken out.
pub(crate) fn with(object: &Value, name: &str, value: Option<Value>) -> Value {
    let mut members: Map<String, Value> = object.as_object().cloned().unwrap_or_default();
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    members.into()
}

/// A request with these headers, to an operation on the user `user-123` of the client `100`.
pub(crate) fn request(headers: &[(&str, &str)]) -> Request {
    let operation = admitting(Method::PATCH, "/{clientExtId}/users/{userExtId}", Needs::All(&[]), |_, _| {
        Box::pin(async { Ok(Response::no_content()) })
    });
    let incoming = RawRequest {
        method: Method::PATCH,
        target: Target::Encoded(format!("{BASE_PATH}/100/users/user-123")),
        base_url: "https://id.example".to_owned(),
        query: Vec::new(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Some(Vec::new()),
        request_id: "request-1".to_owned(),
        trace_id: None,
    };
    route([&operation], incoming, Deadline::after(Duration::from_secs(1))).expect("a route").1
}
