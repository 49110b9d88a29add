//! Keys of every algorithm, and what they sign: well, or just as a forger would want it.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The algorithms of both sets of keys, and those of X-Tokens alone.
pub(crate) const ASYMMETRIC: [&str; 9] =
    ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
pub(crate) const SYMMETRIC: [&str; 3] = ["HS256", "HS384", "HS512"];

/// Bytes as tokens carry them.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key, and the algorithm and the id that its set gives it.
pub(crate) struct Key {
    pub(crate) algorithm: &'static str,
    pub(crate) id: String,
    private: Private,
}

enum Private {
    Edwards(Ed25519KeyPair),
    Elliptic(EcdsaKeyPair),
    Rsa(&'static RsaKeyPair),
    Secret(Vec<u8>),
}

/// The three keys of RSA: they take long to make. No key may be in both sets.
fn rsa(owner: &str) -> &'static RsaKeyPair {
    static KEYS: [OnceLock<RsaKeyPair>; 3] = [const { OnceLock::new() }; 3];
    let number = ["bearer", "x-token", "stranger"].iter().position(|known| *known == owner);
    KEYS[number.expect("an owner")].get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
}

/// A key for each algorithm.
pub(crate) fn keys(owner: &str) -> Vec<Key> {
    ASYMMETRIC.into_iter().chain(SYMMETRIC).map(|algorithm| Key::new(algorithm, owner)).collect()
}

impl Key {
    fn new(algorithm: &'static str, owner: &str) -> Self {
        let elliptic = |curve| Private::Elliptic(EcdsaKeyPair::generate(curve).expect("a key"));
        let private = match algorithm {
            "EdDSA" => Private::Edwards(Ed25519KeyPair::generate().expect("a key")),
            "ES256" => elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "HS256" | "HS384" | "HS512" => Private::Secret(format!("{owner:#<64}").into_bytes()),
            _ => Private::Rsa(rsa(owner)),
        };
        Self { algorithm, id: format!("{algorithm}-of-{owner}"), private }
    }

    /// A key of `EdDSA` that calls itself `id`.
    pub(crate) fn edwards(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::new("EdDSA", "") }
    }

    /// A key that signs with this secret and calls itself `id`.
    pub(crate) fn of_secret(algorithm: &'static str, id: &str, secret: &[u8]) -> Self {
        Self { algorithm, id: id.to_owned(), private: Private::Secret(secret.to_vec()) }
    }

    /// The key as it stands in its set.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.private {
            Private::Edwards(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key())})
            }
            Private::Elliptic(key) => {
                let point = &key.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
            }
            Private::Rsa(key) => {
                let (n, e) = (key.public_key().modulus(), key.public_key().exponent());
                let [n, e] = [n, e].map(|number| base64url(number.big_endian_without_leading_zero()));
                json!({"kty": "RSA", "n": n, "e": e})
            }
            Private::Secret(secret) => json!({"kty": "oct", "k": base64url(secret)}),
        };
        for (name, value) in [("kid", &*self.id), ("alg", self.algorithm), ("use", "sig")] {
            jwk[name] = value.into();
        }
        jwk
    }

    /// The public half in the forms in which it is handed around, each of which a careless
    /// verifier could take for a secret.
    pub(crate) fn public_forms(&self) -> Vec<Vec<u8>> {
        let jwk = self.jwk();
        let der = match &self.private {
            Private::Edwards(key) => key.public_key().as_ref().to_vec(),
            Private::Elliptic(key) => key.public_key().as_ref().to_vec(),
            Private::Rsa(key) => key.public_key().as_ref().to_vec(),
            Private::Secret(_) => Vec::new(),
        };
        let first = jwk["x"].as_str().or(jwk["n"].as_str()).unwrap_or_default().as_bytes().to_vec();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
        vec![jwk.to_string().into_bytes(), first, der, pem.into_bytes(), Vec::new()]
    }

    /// The signature of `signed` under an algorithm, the key's own or another that it can do.
    pub(crate) fn sign(&self, algorithm: &str, signed: &str) -> Vec<u8> {
        let (random, signed) = (SystemRandom::new(), signed.as_bytes());
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

    /// The header that names the key and its algorithm.
    pub(crate) fn header(&self, token_type: &str) -> Value {
        json!({"alg": self.algorithm, "kid": self.id, "typ": token_type})
    }

    /// A token of exactly these texts, signed with the key's own algorithm whatever they say.
    pub(crate) fn token(&self, header: &str, payload: &str) -> String {
        self.token_of_parts(self.algorithm, &base64url(header), &base64url(payload))
    }

    /// A token of parts that are encoded already, signed with this algorithm.
    pub(crate) fn token_of_parts(&self, algorithm: &str, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = base64url(self.sign(algorithm, &signed));
        format!("{signed}.{signature}")
    }
}

/// The set of these keys.
pub(crate) fn jwks<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Value {
    let keys: Vec<Value> = keys.into_iter().map(Key::jwk).collect();
    json!({"keys": keys})
}
