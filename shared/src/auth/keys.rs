//! Verification keys: JSON Web Key Sets (RFC 7517).
//!
//! A key serves one algorithm, the one that it names or that its type implies. The key set alone
//! determines which key verifies a token. Keys, addresses and algorithms in a token are never used.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::modulus::weakness;
use super::signatures::SignatureCache;
use crate::http::json::parse_object;
use crate::ids::sha256_hex;

pub use super::modulus::Weakness;

/// The maximum number of keys in a set.
const MAX_KEYS: usize = 64;
/// The members that only a private key has.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "priv"];

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

impl Purpose {
    /// Returns the name of the key set in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XToken => "x_token",
        }
    }
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

/// A parsed key set.
pub struct ParsedKeys {
    /// The usable keys, at least one.
    pub keys: Vec<VerificationKey>,
    /// The other entries.
    pub passed_over: Vec<PassedOver>,
}

/// An entry of a key set that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The position in the set, from 0.
    pub position: usize,
    /// The key ID, if it is a string.
    pub id: Option<String>,
    /// The reason.
    pub reason: Unusable,
}

/// The reason why an entry of a key set is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is not a JSON object without duplicate member names.
    NotAnObject,
    /// It lacks this required member.
    Missing(&'static str),
    /// This member has another type or encoding than required.
    Malformed(&'static str),
    /// It is for another purpose than to verify signatures.
    OtherUse,
    /// Its key type is not supported.
    Type,
    /// Its curve is not supported.
    Curve,
    /// Its algorithm is not supported.
    Algorithm,
    /// Its algorithm is one of another key type or curve.
    AlgorithmMismatch,
    /// It is not a point of its curve.
    NotAPoint,
    /// It is a point of small order.
    SmallOrder,
    /// It is shorter than the hash of its algorithm.
    TooShort,
    /// Its modulus has fewer than 2048 or more than 8192 bits.
    ModulusSize,
    /// Its exponent is even, 1, or has more than 64 bits.
    Exponent,
    /// Anybody can sign for its modulus.
    Modulus(Weakness),
}

impl Unusable {
    /// Returns the name of the reason in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::Missing(_) => "missing_member",
            Self::Malformed(_) => "malformed_member",
            Self::OtherUse => "other_use",
            Self::Type => "unsupported_type",
            Self::Curve => "unsupported_curve",
            Self::Algorithm => "unsupported_algorithm",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::NotAPoint => "not_a_point",
            Self::SmallOrder => "small_order",
            Self::TooShort => "too_short",
            Self::ModulusSize => "modulus_size",
            Self::Exponent => "exponent",
            Self::Modulus(Weakness::Even) => "even_modulus",
            Self::Modulus(Weakness::SmallFactor) => "small_factor",
            Self::Modulus(Weakness::Roca) => "roca_modulus",
            Self::Modulus(Weakness::PerfectPower) => "perfect_power_modulus",
            Self::Modulus(Weakness::Prime) => "prime_modulus",
        }
    }

    /// Returns the member that the reason is about.
    #[must_use]
    pub const fn member(self) -> Option<&'static str> {
        match self {
            Self::Missing(member) | Self::Malformed(member) => Some(member),
            Self::NotAnObject
            | Self::OtherUse
            | Self::Type
            | Self::Curve
            | Self::Algorithm
            | Self::AlgorithmMismatch
            | Self::NotAPoint
            | Self::SmallOrder
            | Self::TooShort
            | Self::ModulusSize
            | Self::Exponent
            | Self::Modulus(_) => None,
        }
    }
}

impl fmt::Display for PassedOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.position, self.reason.as_str())?;
        self.reason.member().map_or(Ok(()), |member| write!(formatter, " {member}"))
    }
}

/// The reason why a whole key set is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedSet {
    /// It is not a JSON object with one array `keys`.
    Malformed,
    /// It has too many entries.
    TooManyKeys,
    /// The entry at this position, of a set for Bearer tokens, contains a private key.
    Private(usize),
    /// The entry at this position, of a set for Bearer tokens, is a symmetric key.
    Symmetric(usize),
    /// No entry is usable.
    NoUsableKey(Vec<PassedOver>),
}

impl RefusedSet {
    /// Returns the name of the reason in the log.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooManyKeys => "too_many_keys",
            Self::Private(_) => "private_key",
            Self::Symmetric(_) => "symmetric_key",
            Self::NoUsableKey(_) => "no_usable_key",
        }
    }
}

impl fmt::Display for RefusedSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => formatter.write_str("is not a JSON object with an array 'keys'"),
            Self::TooManyKeys => write!(formatter, "has more than {MAX_KEYS} keys"),
            Self::Private(position) => write!(formatter, "has a key {position} that is private"),
            Self::Symmetric(position) => {
                write!(
                    formatter,
                    "has a key {position} that is symmetric, so whoever verifies with it could sign"
                )
            }
            Self::NoUsableKey(passed_over) if passed_over.is_empty() => formatter.write_str("has no key"),
            Self::NoUsableKey(passed_over) => {
                let entries: Vec<String> = passed_over.iter().map(ToString::to_string).collect();
                write!(formatter, "has no usable key ({})", entries.join(", "))
            }
        }
    }
}

/// Parses a JSON Web Key Set.
///
/// An entry that cannot be used is passed over, as RFC 7517 requires, so that it does not affect the
/// others. `known` are keys of the same set from before, whose moduli are not checked again.
///
/// # Errors
/// Returns [`RefusedSet`] if the text is not a key set, a set for Bearer tokens contains a private or a
/// symmetric key, or no entry is usable.
pub fn parse_key_set(
    text: &[u8],
    purpose: Purpose,
    known: &[VerificationKey],
) -> Result<ParsedKeys, RefusedSet> {
    let entries = entries(text).ok_or(RefusedSet::Malformed)?;
    if entries.len() > MAX_KEYS {
        return Err(RefusedSet::TooManyKeys);
    }
    let (mut keys, mut passed_over) = (Vec::new(), Vec::new());
    for (position, entry) in entries.iter().enumerate() {
        // Duplicate names are no reason to miss a private key.
        let members = serde_json::from_str::<Map<String, Value>>(entry.get()).unwrap_or_default();
        if purpose == Purpose::Bearer {
            if members.contains_key("k") || members.get("kty").is_some_and(|kind| kind == "oct") {
                return Err(RefusedSet::Symmetric(position));
            }
            if PRIVATE_MEMBERS.iter().any(|member| members.contains_key(*member)) {
                return Err(RefusedSet::Private(position));
            }
        }
        match parse_key(entry.get(), known) {
            Ok(key) => keys.push(key),
            Err(reason) => {
                let id = members.get("kid").and_then(Value::as_str).map(str::to_owned);
                passed_over.push(PassedOver { position, id, reason });
            }
        }
    }
    if keys.is_empty() {
        return Err(RefusedSet::NoUsableKey(passed_over));
    }
    Ok(ParsedKeys { keys, passed_over })
}

/// Returns the entries of a key set.
///
/// They are not parsed, so that a malformed one does not affect the others.
fn entries(text: &[u8]) -> Option<Vec<&RawValue>> {
    #[derive(Deserialize)]
    struct KeySet<'a> {
        #[serde(borrow)]
        keys: Vec<&'a RawValue>,
    }
    // The library would accept an array, too.
    let is_object = text.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice::<KeySet<'_>>(text).ok().filter(|_| is_object).map(|set| set.keys)
}

fn parse_key(entry: &str, known: &[VerificationKey]) -> Result<VerificationKey, Unusable> {
    let member = parse_object(entry.as_bytes()).map_err(|_| Unusable::NotAnObject)?;
    let text = |name| match member.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(Unusable::Malformed(name)),
    };
    let id = text("kid")?.map(str::to_owned);
    if text("use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(Unusable::OtherUse);
    }
    if let Some(operations) = member.get("key_ops") {
        let operations = operations.as_array().ok_or(Unusable::Malformed("key_ops"))?;
        if !operations.iter().any(|operation| operation == "verify") {
            return Err(Unusable::OtherUse);
        }
    }
    let required = |name| text(name)?.ok_or(Unusable::Missing(name));
    let kind = required("kty")?;
    let implied = match kind {
        "OKP" | "EC" => match (kind, required("crv")?) {
            ("OKP", "Ed25519") => "EdDSA",
            ("EC", "P-256") => "ES256",
            ("EC", "P-384") => "ES384",
            _ => return Err(Unusable::Curve),
        },
        "RSA" => "RS256",
        "oct" => required("alg")?,
        _ => return Err(Unusable::Type),
    };
    let name = text("alg")?.unwrap_or(implied);
    let (algorithm_name, algorithm) =
        ALGORITHMS.into_iter().find(|(known, _)| *known == name).ok_or(Unusable::Algorithm)?;
    let fits = match kind {
        "RSA" => name.starts_with("RS") || name.starts_with("PS"),
        "oct" => name.starts_with("HS"),
        _ => name == implied,
    };
    if !fits {
        return Err(Unusable::AlgorithmMismatch);
    }
    let bytes = |name| URL_SAFE_NO_PAD.decode(required(name)?).map_err(|_| Unusable::Malformed(name));
    // RFC 7518 requires the shortest form, but a number with leading zeros is the same number.
    let number = |name| -> Result<Vec<u8>, Unusable> {
        Ok(bytes(name)?.into_iter().skip_while(|byte| *byte == 0).collect())
    };
    let parts = match kind {
        "OKP" => vec![bytes("x")?],
        "EC" => vec![bytes("x")?, bytes("y")?],
        "RSA" => vec![number("n")?, number("e")?],
        _ => vec![bytes("k")?],
    };
    let material = sha256_hex(&format!("{kind} {parts:?}"));
    let key = match (kind, parts.as_slice()) {
        ("RSA", [modulus, exponent]) => {
            if known.iter().all(|key| key.material != material) {
                check_rsa(modulus, exponent)?;
            }
            DecodingKey::from_rsa_raw_components(modulus, exponent)
        }
        ("EC", [x, y]) => DecodingKey::from_ec_der(&point(algorithm, x, y)?),
        ("OKP", [point]) if has_small_order(point) => return Err(Unusable::SmallOrder),
        ("OKP", [point]) if is_point(&ED25519, point) => DecodingKey::from_ed_der(point),
        ("oct", [secret]) if secret.len() >= shortest_secret(algorithm) => DecodingKey::from_secret(secret),
        ("oct", _) => return Err(Unusable::TooShort),
        _ => return Err(Unusable::NotAPoint),
    };
    Ok(VerificationKey {
        id,
        algorithm,
        algorithm_name,
        key,
        material,
        good_signatures: SignatureCache::default(),
    })
}

/// Checks that an RSA key is strong enough.
fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), Unusable> {
    if !(2048..=8192).contains(&bits(modulus)) {
        return Err(Unusable::ModulusSize);
    }
    let is_odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
    if !is_odd || !(2..=64).contains(&bits(exponent)) {
        return Err(Unusable::Exponent);
    }
    weakness(modulus).map_or(Ok(()), |weakness| Err(Unusable::Modulus(weakness)))
}

/// Returns the encoded point of an elliptic curve with these coordinates.
fn point(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Result<Vec<u8>, Unusable> {
    let (curve, coordinate): (&'static dyn VerificationAlgorithm, _) = match algorithm {
        Algorithm::ES384 => (&ECDSA_P384_SHA384_FIXED, 48),
        _ => (&ECDSA_P256_SHA256_FIXED, 32),
    };
    let point = [&[4], x, y].concat();
    let is_whole = x.len() == coordinate && y.len() == coordinate;
    if is_whole && is_point(curve, &point) { Ok(point) } else { Err(Unusable::NotAPoint) }
}

/// Returns the least length of a shared secret, in bytes: that of the algorithm's hash.
fn shortest_secret(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS512 => 64,
        Algorithm::HS384 => 48,
        _ => 32,
    }
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
