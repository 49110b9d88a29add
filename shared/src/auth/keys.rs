//! Verification keys: JSON Web Key Sets (RFC 7517).
//!
//! A key serves one algorithm, the one that it names or that its type implies. The key set alone
//! determines which key verifies a token. Keys, addresses and algorithms in a token are never used.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use super::signatures::SignatureCache;
use crate::http::json::parse_object;
use crate::ids::sha256_hex;

/// The maximum number of keys in a set.
const MAX_KEYS: usize = 64;

/// A key that verifies signatures of one algorithm.
#[derive(Clone)]
pub struct VerificationKey {
    id: Option<String>,
    algorithm: Algorithm,
    algorithm_name: &'static str,
    key: DecodingKey,
    material: String,
    good_signatures: SignatureCache,
}

/// The purpose of a key set, which determines the key types that it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Bearer tokens: asymmetric keys only.
    Bearer,
    /// X-Tokens: asymmetric and symmetric keys.
    XToken,
}

impl VerificationKey {
    /// Returns the key ID (`kid`), if the key has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the key's algorithm, as in RFC 7518.
    #[must_use]
    pub fn algorithm_name(&self) -> &'static str {
        self.algorithm_name
    }

    /// Returns a fingerprint of the key material, which is equal for equal keys regardless of their key
    /// IDs.
    #[must_use]
    pub fn material(&self) -> &str {
        &self.material
    }

    /// Returns true if `signature`, in base64url, is this key's signature of `signed`.
    #[must_use]
    pub fn has_signed(&self, signed: &str, signature: &str) -> bool {
        let check = || crypto::verify(signature, signed.as_bytes(), &self.key, self.algorithm);
        self.good_signatures.holds(signed, signature, || check().unwrap_or(false))
    }
}

/// The accepted algorithms, by their names in RFC 7518.
const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("EdDSA", Algorithm::EdDSA),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
];

/// Parses a JSON Web Key Set.
///
/// Keys for other purposes (encryption, unsupported algorithms, unknown types) are ignored, as RFC 7517
/// requires.
///
/// # Errors
/// Returns the reason in one line if the text is not a key set, a key is malformed or too weak, a set
/// for Bearer tokens contains a symmetric key, or no usable key remains.
pub fn parse_key_set(text: &[u8], purpose: Purpose) -> Result<Vec<VerificationKey>, String> {
    let set =
        parse_object(text).map_err(|_| "is not a JSON object, or has duplicate member names".to_owned())?;
    let members = set.get("keys").and_then(Value::as_array).ok_or("has no array 'keys'")?;
    if members.len() > MAX_KEYS {
        return Err(format!("has more than {MAX_KEYS} keys"));
    }
    let mut keys = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let member = member.as_object().ok_or_else(|| format!("has a key {index} that is not an object"))?;
        if let Some(key) =
            parse_key(member, purpose).map_err(|reason| format!("has a key {index} that {reason}"))?
        {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return Err("has no key that verifies signatures".to_owned());
    }
    Ok(keys)
}

fn parse_key(member: &Map<String, Value>, purpose: Purpose) -> Result<Option<VerificationKey>, String> {
    let text = |name: &str| match member.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| format!("has a '{name}' that is not a string")),
    };
    if text("use")?.is_some_and(|purpose| purpose != "sig") {
        return Ok(None);
    }
    if let Some(operations) = member.get("key_ops") {
        let operations = operations.as_array().ok_or("has a 'key_ops' that is not an array")?;
        if !operations.iter().any(|operation| operation == "verify") {
            return Ok(None);
        }
    }
    let required = |name: &str| text(name)?.ok_or_else(|| format!("has no '{name}'"));
    let kind = required("kty")?;
    let curve = text("crv")?;
    let implied = match (kind, curve) {
        ("OKP", Some("Ed25519")) => "EdDSA",
        ("EC", Some("P-256")) => "ES256",
        ("EC", Some("P-384")) => "ES384",
        ("RSA", _) => "RS256",
        ("oct", _) if purpose == Purpose::Bearer => {
            return Err("is symmetric, so whoever verifies with it could sign".to_owned());
        }
        ("oct", _) => required("alg")?,
        _ => return Ok(None),
    };
    let name = text("alg")?.unwrap_or(implied);
    let Some((algorithm_name, algorithm)) = ALGORITHMS.into_iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    let fits = match kind {
        "RSA" => name.starts_with("RS") || name.starts_with("PS"),
        "oct" => name.starts_with("HS"),
        _ => name == implied,
    };
    if !fits {
        return Err(format!("is of type {kind} but names the algorithm {name}"));
    }
    let bytes = |name: &str| {
        URL_SAFE_NO_PAD.decode(required(name)?).map_err(|_| format!("has a '{name}' that is not base64url"))
    };
    let broken = |_| "cannot be read".to_owned();
    let (key, material) = match kind {
        "OKP" => (DecodingKey::from_ed_components(required("x")?), vec![bytes("x")?]),
        "EC" => {
            (DecodingKey::from_ec_components(required("x")?, required("y")?), vec![bytes("x")?, bytes("y")?])
        }
        "RSA" => {
            (DecodingKey::from_rsa_components(required("n")?, required("e")?), vec![bytes("n")?, bytes("e")?])
        }
        _ => (Ok(DecodingKey::from_secret(&bytes("k")?)), vec![bytes("k")?]),
    };
    check_strength(kind, algorithm, &material)?;
    Ok(Some(VerificationKey {
        id: text("kid")?.map(str::to_owned),
        algorithm,
        algorithm_name,
        key: key.map_err(broken)?,
        material: sha256_hex(&format!("{kind} {material:?}")),
        good_signatures: SignatureCache::default(),
    }))
}

/// Checks that a key is valid and strong enough for its algorithm.
///
/// A key that could never verify a signature is reported when the function starts, not with every
/// request.
fn check_strength(kind: &str, algorithm: Algorithm, material: &[Vec<u8>]) -> Result<(), String> {
    let first = material[0].as_slice();
    let coordinate = if algorithm == Algorithm::ES384 { 48 } else { 32 };
    let (fits, rule) = match kind {
        "OKP" if has_small_order(first) => (false, "is a point of small order"),
        "OKP" => (is_point(&ED25519, first), "is not a point of its curve"),
        "EC" => {
            let curve = if algorithm == Algorithm::ES384 {
                &ECDSA_P384_SHA384_FIXED
            } else {
                &ECDSA_P256_SHA256_FIXED
            };
            let whole = material.iter().all(|part| part.len() == coordinate);
            (
                whole && is_point(curve, &[&[4], material.concat().as_slice()].concat()),
                "is not a point of its curve",
            )
        }
        "RSA" => {
            let (modulus, exponent) = (bits(first), bits(&material[1]));
            let exponent_is_odd = material[1].last().is_some_and(|byte| byte % 2 == 1);
            let strong = (2048..=8192).contains(&modulus) && (2..=64).contains(&exponent) && exponent_is_odd;
            let shortest = material.iter().all(|number| number.first().is_some_and(|byte| *byte != 0));
            (strong && shortest, "is not an RSA key of 2048 to 8192 bits")
        }
        _ => match algorithm {
            Algorithm::HS512 => (first.len() >= 64, "is shorter than 64 bytes"),
            Algorithm::HS384 => (first.len() >= 48, "is shorter than 48 bytes"),
            _ => (first.len() >= 32, "is shorter than 32 bytes"),
        },
    };
    if fits { Ok(()) } else { Err(rule.to_owned()) }
}

fn is_point(curve: &'static dyn VerificationAlgorithm, point: &[u8]) -> bool {
    ParsedPublicKey::new(curve, point).is_ok()
}

/// The points of Ed25519 whose order divides 8, as encoded by RFC 8032 without the sign bit, including
/// non-reduced encodings.
///
/// Under such a key, a signature that depends on no secret is valid.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// Returns true if a point of Ed25519 is one of [`SMALL_ORDER`].
fn has_small_order(point: &[u8]) -> bool {
    let Some((last, first)) = point.split_last() else { return false };
    let bytes = first.iter().copied().chain([last & 0x7f]);
    let digits = bytes.flat_map(|byte| [byte >> 4, byte & 0xf]);
    let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    SMALL_ORDER.contains(&text.as_str())
}

/// Returns the length of a number in bits.
fn bits(number: &[u8]) -> usize {
    let leading = number.first().map_or(0, |byte| byte.leading_zeros() as usize);
    number.len() * 8 - leading
}

#[cfg(test)]
mod tests;
