//! Keys of every algorithm and the tokens that they sign, correct or forged, for the tests.
//!
//! The functions verify tokens but never sign them. Both the unit tests of the verification and the
//! tests of the API need keys that sign.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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

/// The algorithms of keys that either key set may contain.
pub const ASYMMETRIC: [&str; 9] =
    ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// The algorithms of keys that only the key set of the X-Tokens may contain.
pub const SYMMETRIC: [&str; 3] = ["HS256", "HS384", "HS512"];

/// Encodes bytes as in tokens and keys.
#[must_use]
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key, with the algorithm and the ID that its key set states.
pub struct SigningKey {
    /// The algorithm, a name from [`ASYMMETRIC`] or [`SYMMETRIC`].
    pub algorithm: &'static str,
    /// The key ID.
    pub id: String,
    private: Private,
}

enum Private {
    Edwards(Ed25519KeyPair),
    Elliptic(EcdsaKeyPair),
    Rsa(Arc<RsaKeyPair>),
    Secret(Vec<u8>),
}

/// Returns the RSA key of an owner. An owner has only one, because generating a key takes long.
fn rsa(owner: &str) -> Arc<RsaKeyPair> {
    static KEYS: Mutex<BTreeMap<String, Arc<RsaKeyPair>>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let generate = || Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));
    Arc::clone(keys.entry(owner.to_owned()).or_insert_with(generate))
}

/// Returns the shared secret of an owner, as long as the hash of the algorithm.
fn secret(owner: &str, length: usize) -> Vec<u8> {
    format!("{owner:#<length$}").into_bytes()
}

impl SigningKey {
    /// Generates a key. All RSA keys are the same, and so are all secrets of an algorithm.
    ///
    /// # Panics
    /// If the key cannot be generated.
    #[must_use]
    pub fn new(algorithm: &'static str, id: &str) -> Self {
        Self::of_owner(algorithm, "", id)
    }

    /// Generates a key of an owner. RSA keys and secrets differ between owners only.
    ///
    /// # Panics
    /// If the key cannot be generated.
    #[must_use]
    pub fn of_owner(algorithm: &'static str, owner: &str, id: &str) -> Self {
        let elliptic = |curve| Private::Elliptic(EcdsaKeyPair::generate(curve).expect("a key"));
        let private = match algorithm {
            "EdDSA" => Private::Edwards(Ed25519KeyPair::generate().expect("a key")),
            "ES256" => elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "HS256" => Private::Secret(secret(owner, 32)),
            "HS384" => Private::Secret(secret(owner, 48)),
            "HS512" => Private::Secret(secret(owner, 64)),
            _ => Private::Rsa(rsa(owner)),
        };
        Self { algorithm, id: id.to_owned(), private }
    }

    /// Returns a key that signs with this secret.
    #[must_use]
    pub fn of_secret(algorithm: &'static str, id: &str, secret: &[u8]) -> Self {
        Self { algorithm, id: id.to_owned(), private: Private::Secret(secret.to_vec()) }
    }

    /// Returns the public half as a JWK without the members that a key set may omit.
    #[must_use]
    pub fn bare_jwk(&self) -> Value {
        match &self.private {
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
        }
    }

    /// Returns the JWK with ID, algorithm and use, as in a key set.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.bare_jwk();
        for (name, value) in [("kid", &*self.id), ("alg", self.algorithm), ("use", "sig")] {
            jwk[name] = value.into();
        }
        jwk
    }

    /// Returns the public half in its usual encodings, each of which a careless verifier could use as a
    /// shared secret. The last one is empty.
    ///
    /// # Panics
    /// If the key's own JWK is invalid.
    #[must_use]
    pub fn public_forms(&self) -> Vec<Vec<u8>> {
        let jwk = self.bare_jwk();
        let parts = ["x", "y", "n", "e"].into_iter().filter_map(|part| jwk[part].as_str());
        let parts = parts
            .flat_map(|part| [part.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(part).expect("base64url")]);
        let der = match &self.private {
            Private::Edwards(key) => key.public_key().as_ref(),
            Private::Elliptic(key) => key.public_key().as_ref(),
            Private::Rsa(key) => key.public_key().as_ref(),
            Private::Secret(_) => &[],
        };
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
        let texts = [jwk.to_string(), self.jwk().to_string(), pem].map(String::into_bytes);
        parts.chain(texts).chain([der.to_vec(), Vec::new()]).collect()
    }

    /// Signs with an algorithm, the key's own or another one of its type.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn sign(&self, algorithm: &str, signed: &str) -> Vec<u8> {
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

    /// Returns the header of a token that names this key and its algorithm.
    #[must_use]
    pub fn header(&self, token_type: &str) -> Value {
        json!({"alg": self.algorithm, "kid": self.id, "typ": token_type})
    }

    /// Returns a token with exactly this header and payload, signed with the key's own algorithm
    /// whatever the header states.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn token(&self, header: &str, payload: &str) -> String {
        self.token_of_parts(self.algorithm, &base64url(header), &base64url(payload))
    }

    /// Returns a token of encoded parts, signed with an algorithm: the key's own or another one of its
    /// type.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn token_of_parts(&self, algorithm: &str, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = base64url(self.sign(algorithm, &signed));
        format!("{signed}.{signature}")
    }

    /// Returns a valid token with these claims.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn token_of(&self, token_type: &str, claims: &Value) -> String {
        self.token(&self.header(token_type).to_string(), &claims.to_string())
    }
}

/// Returns the key set of these keys.
#[must_use]
pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<Value> = keys.into_iter().map(SigningKey::jwk).collect();
    json!({"keys": keys})
}
