//! JSON Web Tokens: parsing and verification.
//!
//! `jsonwebtoken` verifies the signature. This module adds the requirements of RFC 8725 and RFC 9068
//! that the library does not check:
//!
//! - The key determines the algorithm.
//! - `crit` and `b64` are rejected, and `typ` is compared.
//! - Duplicate members are rejected, and claims must have the right types.
//! - `exp` must be strictly in the future. `iat` and `nbf` may be ahead by the configured leeway only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::keys::VerificationKey;
use crate::clock::Timestamp;
use crate::error::{Claim, TokenRefusal};
use crate::http::json::parse_object;

/// The maximum length of a token, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;

/// The requirements on a token besides a valid signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// The required issuer; `None` to accept any.
    pub issuer: Option<String>,
    /// The audiences of which the `aud` claim must contain one; empty to accept any.
    pub audiences: Vec<String>,
    /// The allowed values of the `typ` header parameter, in lower case; `None` allows its absence.
    pub types: Vec<Option<String>>,
    /// The seconds by which `nbf` and `iat` may be ahead, because clocks differ.
    pub leeway: u32,
    /// The maximum seconds from now until `exp`, and since `auth_time` and `iat`; `None` for no limit.
    pub max_age: Option<u32>,
}

/// A parsed token whose signature has not been verified.
#[derive(Debug)]
pub struct Unverified<'a> {
    signed: &'a str,
    signature: &'a str,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl<'a> Unverified<'a> {
    /// Parses a token.
    ///
    /// # Errors
    /// Returns [`TokenRefusal`] if the token is too long, is not a signed token in compact
    /// serialisation, or has a header with an unsupported extension.
    pub fn read(token: &'a str) -> Result<Self, TokenRefusal> {
        if token.len() > MAX_BYTES {
            return Err(TokenRefusal::Size);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenRefusal::Malformed)?;
        if signature.is_empty() || payload.contains('.') {
            return Err(TokenRefusal::Malformed);
        }
        let header = object(header)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(TokenRefusal::Crit);
        }
        Ok(Self { signed, signature, header, claims: object(payload)? })
    }

    /// Returns the key ID (`kid`) of the header, if it has one.
    ///
    /// # Errors
    /// Returns [`TokenRefusal::Kid`] if the key ID is not a string.
    pub fn key_id(&self) -> Result<Option<&str>, TokenRefusal> {
        self.parameter("kid", TokenRefusal::Kid)
    }

    /// Returns the issuer that the token claims, which only selects the keys that verify it.
    ///
    /// # Errors
    /// Returns [`TokenRefusal::Claim`] if there is none.
    pub fn claimed_issuer(&self) -> Result<&str, TokenRefusal> {
        text(&self.claims, Claim::Iss)
    }

    /// Verifies the token's signature and returns its claims.
    ///
    /// The signature must be valid for one of the keys, and the claims must meet the expectation at
    /// `now`.
    ///
    /// # Errors
    /// Returns the first check that fails.
    pub fn verify(
        &self,
        keys: &[VerificationKey],
        expectation: &TokenRules,
        now: Timestamp,
    ) -> Result<&Map<String, Value>, TokenRefusal> {
        self.require_signature(keys)?;
        let token_type = self.parameter("typ", TokenRefusal::Typ)?.map(|token_type| {
            let token_type = token_type.to_ascii_lowercase();
            token_type.strip_prefix("application/").map_or(token_type.clone(), str::to_owned)
        });
        if !expectation.types.contains(&token_type) {
            return Err(TokenRefusal::Typ);
        }
        if let Some(issuer) = &expectation.issuer
            && self.claimed_issuer()? != issuer
        {
            return Err(TokenRefusal::Iss);
        }
        require_audience(&self.claims, &expectation.audiences)?;
        require_times(&self.claims, expectation, now.numeric_date())?;
        Ok(&self.claims)
    }

    /// Checks that one of the keys has signed the token.
    fn require_signature(&self, keys: &[VerificationKey]) -> Result<(), TokenRefusal> {
        let algorithm = self.parameter("alg", TokenRefusal::Alg)?.ok_or(TokenRefusal::Alg)?;
        let key_id = self.key_id()?;
        let of_algorithm = keys.iter().filter(|key| key.algorithm_name() == algorithm);
        let mut candidates =
            of_algorithm.clone().filter(|key| key_id.is_none() || key.id() == key_id).peekable();
        if candidates.peek().is_none() {
            let has_algorithm = of_algorithm.count() > 0;
            return Err(if has_algorithm { TokenRefusal::Kid } else { TokenRefusal::Alg });
        }
        if candidates.any(|key| key.has_signed(self.signed, self.signature)) {
            Ok(())
        } else {
            Err(TokenRefusal::Signature)
        }
    }

    /// Returns a parameter of the header, which must be a string if present.
    fn parameter(&self, name: &str, otherwise: TokenRefusal) -> Result<Option<&str>, TokenRefusal> {
        self.header.get(name).map(|value| value.as_str().ok_or(otherwise)).transpose()
    }
}

/// Checks the times: `exp`, `nbf` and `iat`, and how recent the token is.
fn require_times(claims: &Map<String, Value>, rules: &TokenRules, now: f64) -> Result<(), TokenRefusal> {
    let time = |claim: Claim| {
        let value = claims.get(claim.name());
        value.map(|value| value.as_f64().ok_or(TokenRefusal::Claim(claim))).transpose()
    };
    let expires = time(Claim::Exp)?.ok_or(TokenRefusal::Claim(Claim::Exp))?;
    let (begins, issued) = (time(Claim::Nbf)?, time(Claim::Iat)?);
    let latest = now + f64::from(rules.leeway);
    if expires <= now {
        return Err(TokenRefusal::Exp);
    }
    if begins.is_some_and(|begins| begins > latest) {
        return Err(TokenRefusal::Nbf);
    }
    if issued.is_some_and(|issued| issued > latest) {
        return Err(TokenRefusal::Iat);
    }
    let Some(max_age) = rules.max_age.map(f64::from) else { return Ok(()) };
    let authenticated = time(Claim::AuthTime)?;
    let is_recent = |time: Option<f64>| time.is_none_or(|time| (now - max_age..=latest).contains(&time));
    if expires <= now + max_age && is_recent(issued) && is_recent(authenticated) {
        Ok(())
    } else {
        Err(TokenRefusal::Age)
    }
}

/// Checks that the `aud` claim, a string or an array of strings, contains one of the audiences.
fn require_audience(claims: &Map<String, Value>, ours: &[String]) -> Result<(), TokenRefusal> {
    if ours.is_empty() {
        return Ok(());
    }
    let invalid = TokenRefusal::Claim(Claim::Aud);
    let is_ours = match claims.get(Claim::Aud.name()).ok_or(invalid)? {
        Value::String(audience) => ours.contains(audience),
        Value::Array(audiences) if audiences.iter().all(Value::is_string) => {
            audiences.iter().any(|audience| ours.iter().any(|ours| audience == ours))
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            return Err(invalid);
        }
    };
    if is_ours { Ok(()) } else { Err(TokenRefusal::Aud) }
}

/// Returns a required claim, which must be a non-empty string.
///
/// # Errors
/// Returns [`TokenRefusal::Claim`] if the claim is missing, empty or not a string.
pub fn text(claims: &Map<String, Value>, claim: Claim) -> Result<&str, TokenRefusal> {
    optional_text(claims, claim)?.filter(|text| !text.is_empty()).ok_or(TokenRefusal::Claim(claim))
}

/// Returns an optional claim, which must be a string if present.
///
/// # Errors
/// Returns [`TokenRefusal::Claim`] if the claim is present but not a string.
pub fn optional_text(claims: &Map<String, Value>, claim: Claim) -> Result<Option<&str>, TokenRefusal> {
    let value = claims.get(claim.name());
    value.map(|value| value.as_str().ok_or(TokenRefusal::Claim(claim))).transpose()
}

fn object(encoded: &str) -> Result<Map<String, Value>, TokenRefusal> {
    let text = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| TokenRefusal::Malformed)?;
    parse_object(&text).map_err(|_| TokenRefusal::Malformed)
}

#[cfg(test)]
mod tests;
