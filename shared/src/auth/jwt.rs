//! JSON Web Tokens: parsing and verification.
//!
//! `jsonwebtoken` verifies the signature. This module adds the requirements of RFC 8725 and RFC 9068
//! that the library does not check:
//!
//! - The key determines the algorithm.
//! - `crit` and `b64` are rejected, and `typ` is compared.
//! - Duplicate members are rejected, and claims must have the right types.
//! - `exp` must be strictly in the future, and `iat` and `nbf` must not be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::keys::VerificationKey;
use crate::clock::Timestamp;
use crate::http::json::parse_object;

/// The maximum length of a token, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;

/// The requirements on a token besides a valid signature.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The required issuer; `None` to accept any.
    pub issuer: Option<String>,
    /// The audience that the `aud` claim must contain; `None` to accept any.
    pub audience: Option<String>,
    /// The allowed values of the `typ` header parameter, in lower case; `None` allows its absence.
    pub types: Vec<Option<String>>,
}

/// An error that a token is invalid. It carries no reason, because no caller may learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// A parsed token whose signature has not been verified.
#[derive(Debug)]
pub struct Unverified<'a> {
    signed: &'a str,
    signature: &'a str,
    payload: &'a str,
    header: Map<String, Value>,
}

impl<'a> Unverified<'a> {
    /// Parses a token.
    ///
    /// # Errors
    /// Returns [`InvalidToken`] if the token is too long, is not a signed token in compact
    /// serialisation, or has a header with an unsupported extension.
    pub fn read(token: &'a str) -> Result<Self, InvalidToken> {
        if token.len() > MAX_BYTES {
            return Err(InvalidToken);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(InvalidToken)?;
        let (header, payload) = signed.split_once('.').ok_or(InvalidToken)?;
        if signature.is_empty() || payload.contains('.') {
            return Err(InvalidToken);
        }
        let header = object(header)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(InvalidToken);
        }
        Ok(Self { signed, signature, payload, header })
    }

    /// Returns the key ID (`kid`) of the header, if it has one.
    ///
    /// # Errors
    /// Returns [`InvalidToken`] if the key ID is not a string.
    pub fn key_id(&self) -> Result<Option<&str>, InvalidToken> {
        optional_text(&self.header, "kid")
    }

    /// Verifies the token's signature and returns its claims.
    ///
    /// The signature must be valid for one of the keys, and the claims must meet the expectation at
    /// `now`.
    ///
    /// # Errors
    /// Returns [`InvalidToken`] if any check fails.
    pub fn verify(
        &self,
        keys: &[VerificationKey],
        expectation: &TokenRules,
        now: Timestamp,
    ) -> Result<Map<String, Value>, InvalidToken> {
        let algorithm = self.header.get("alg").and_then(Value::as_str).ok_or(InvalidToken)?;
        let key_id = self.key_id()?;
        let signed = keys
            .iter()
            .filter(|key| key.algorithm_name() == algorithm && (key_id.is_none() || key.id() == key_id))
            .any(|key| key.has_signed(self.signed, self.signature));
        if !signed {
            return Err(InvalidToken);
        }
        let token_type = optional_text(&self.header, "typ")?.map(|token_type| {
            let token_type = token_type.to_ascii_lowercase();
            token_type.strip_prefix("application/").map_or(token_type.clone(), str::to_owned)
        });
        let claims = object(self.payload)?;
        if !expectation.types.contains(&token_type)
            || !expectation
                .issuer
                .as_ref()
                .is_none_or(|issuer| claims.get("iss").is_some_and(|iss| iss == issuer))
            || !expectation
                .audience
                .as_ref()
                .is_none_or(|audience| contains_audience(claims.get("aud"), audience))
        {
            return Err(InvalidToken);
        }
        check_times(&claims, now)?;
        Ok(claims)
    }
}

/// Checks that `exp` is present and strictly in the future, and that `nbf` and `iat` are not in the
/// future.
fn check_times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), InvalidToken> {
    let time = |name| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(InvalidToken),
    };
    let now = now.numeric_date();
    let expires = time("exp")?.ok_or(InvalidToken)?;
    let begins = time("nbf")?.is_none_or(|begins| begins <= now);
    let issued = time("iat")?.is_none_or(|issued| issued <= now);
    if now < expires && begins && issued { Ok(()) } else { Err(InvalidToken) }
}

/// Returns true if the `aud` claim (a string or an array of strings) contains the configured audience.
fn contains_audience(audience: Option<&Value>, ours: &str) -> bool {
    match audience {
        Some(Value::String(audience)) => audience == ours,
        Some(Value::Array(audiences)) => {
            audiences.iter().all(Value::is_string) && audiences.iter().any(|audience| audience == ours)
        }
        _ => false,
    }
}

/// Returns a required claim, which must be a non-empty string.
///
/// # Errors
/// Returns [`InvalidToken`] if the claim is missing, empty or not a string.
pub fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, InvalidToken> {
    optional_text(claims, name)?.filter(|text| !text.is_empty()).ok_or(InvalidToken)
}

/// Returns an optional claim, which must be a string if present.
///
/// # Errors
/// Returns [`InvalidToken`] if the claim is present but not a string.
pub fn optional_text<'a>(
    claims: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, InvalidToken> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(InvalidToken),
    }
}

fn object(encoded: &str) -> Result<Map<String, Value>, InvalidToken> {
    let text = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| InvalidToken)?;
    parse_object(&text).map_err(|_| InvalidToken)
}

#[cfg(test)]
mod tests;
