//! JSON Web Tokens: the one place that reads and believes them.
//!
//! The signature is checked by `jsonwebtoken`; this module adds what RFC 8725 and RFC 9068 demand
//! and the library leaves out: the key says which algorithm it serves, `crit` and `b64` are
//! refused, `typ` is compared, no member is named twice, times and names have the right types,
//! `exp` lies strictly in the future and `iat` does not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::keys::VerificationKey;
use crate::clock::Timestamp;
use crate::http::json::parse_object;

/// The longest token that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;

/// What a token has to be besides well signed.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The issuer, compared where configured.
    pub issuer: Option<String>,
    /// The audience, which has to be among the token's where configured.
    pub audience: Option<String>,
    /// The types that the header may name, in lower case; `None` stands for no type at all.
    pub types: Vec<Option<String>>,
}

/// The token is not to be believed. Why is told to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// A token that has been taken apart, whose signature has not been checked.
#[derive(Debug)]
pub struct Unverified<'a> {
    signed: &'a str,
    signature: &'a str,
    payload: &'a str,
    header: Map<String, Value>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`InvalidToken`] when it is too large or no signed token in compact form, or when its header
    /// demands an understanding that this service does not have.
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

    /// The id of the key that signed it, if it names one.
    ///
    /// # Errors
    /// [`InvalidToken`] when the id is no text.
    pub fn key_id(&self) -> Result<Option<&str>, InvalidToken> {
        optional_text(&self.header, "kid")
    }

    /// Believes the token, and hands out its claims, when one of the keys has signed it and it is
    /// what is expected now.
    ///
    /// # Errors
    /// [`InvalidToken`].
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
            || !expectation.audience.as_ref().is_none_or(|audience| names(claims.get("aud"), audience))
        {
            return Err(InvalidToken);
        }
        check_times(&claims, now)?;
        Ok(claims)
    }
}

/// Whether `exp` is there and strictly in the future, and `nbf` and `iat` are not.
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

/// Whether the audience of a token, a text or an array of texts, names ours.
fn names(audience: Option<&Value>, ours: &str) -> bool {
    match audience {
        Some(Value::String(audience)) => audience == ours,
        Some(Value::Array(audiences)) => {
            audiences.iter().all(Value::is_string) && audiences.iter().any(|audience| audience == ours)
        }
        _ => false,
    }
}

/// A claim that has to be a text and not empty.
///
/// # Errors
/// [`InvalidToken`] when it is not.
pub fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, InvalidToken> {
    optional_text(claims, name)?.filter(|text| !text.is_empty()).ok_or(InvalidToken)
}

/// A claim that is a text where it is there.
///
/// # Errors
/// [`InvalidToken`] when it is there and no text.
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
