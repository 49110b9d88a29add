//! Bearer tokens: access tokens as defined by RFC 9068, with the caller's identity and roles.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::authorization::{Authorization, Clients};
use super::caller::Caller;
use super::jwt::{InvalidToken, TokenRules, Unverified, text};
use super::key_set::KeySet;
use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::{Header, Request};
use crate::ids::{ClientExtId, UnitExtId};

/// Verifies Bearer tokens and reads their claims.
pub struct BearerTokens {
    /// The key set.
    pub keys: KeySet,
    /// The required issuer, audience and types.
    pub expectation: TokenRules,
    /// The claim with the roles over the caller's own client, in short form.
    pub roles_claim: String,
}

impl BearerTokens {
    /// Authenticates the caller of a request.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidBearerToken`] if the token is missing or invalid for any reason, and
    /// [`ApiError::Unavailable`] if no usable key set is available.
    pub async fn caller(&self, request: &Request, now: Timestamp) -> Result<Caller, ApiError> {
        let Header::One(value) = request.header("authorization") else {
            return Err(ApiError::InvalidBearerToken);
        };
        let invalid = |_: InvalidToken| ApiError::InvalidBearerToken;
        let token = token_of(value).map_err(invalid)?;
        let token = Unverified::read(token).map_err(invalid)?;
        let key_id = token.key_id().map_err(invalid)?;
        let keys = self.keys.keys(key_id, now).await.map_err(|_| ApiError::Unavailable)?;
        let claims = token.verify(&keys, &self.expectation, now).map_err(invalid)?;
        self.read(&claims).map_err(invalid)
    }

    fn read(&self, claims: &Map<String, Value>) -> Result<Caller, InvalidToken> {
        let client = ClientExtId::parse(text(claims, "clientExtId")?).map_err(|_| InvalidToken)?;
        let subject = text(claims, "sub")?.to_owned();
        let mut authorizations = Vec::new();
        if let Some(entries) = claims.get("authorizations") {
            for entry in entries.as_array().ok_or(InvalidToken)? {
                authorizations.push(authorization(entry, &client)?);
            }
        }
        if let Some(roles) = claims.get(&self.roles_claim) {
            let own = || Clients::Only(BTreeSet::from([client.clone()]));
            authorizations.extend(texts(roles)?.into_iter().map(|role| Authorization {
                role,
                clients: own(),
                units: None,
            }));
        }
        Ok(Caller::new(client, subject, authorizations))
    }
}

/// Returns the token that follows the `Bearer` scheme, whose name is case-insensitive.
fn token_of(value: &str) -> Result<&str, InvalidToken> {
    let (scheme, token) = value.split_once(' ').ok_or(InvalidToken)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim_start_matches(' ')) } else { Err(InvalidToken) }
}

fn authorization(entry: &Value, own: &ClientExtId) -> Result<Authorization, InvalidToken> {
    let entry = entry.as_object().ok_or(InvalidToken)?;
    let clients = match entry.get("clients") {
        None => Clients::Only(BTreeSet::from([own.clone()])),
        Some(clients) => {
            let clients = texts(clients)?;
            if clients.iter().any(|client| client == "*") {
                Clients::All
            } else {
                Clients::Only(clients.iter().map(|client| ClientExtId::unchecked(client)).collect())
            }
        }
    };
    let units = entry.get("units").map(texts).transpose()?;
    let units = units.map(|units| units.iter().map(|unit| UnitExtId::unchecked(unit)).collect());
    Ok(Authorization { role: text(entry, "role")?.to_owned(), clients, units })
}

fn texts(value: &Value) -> Result<Vec<String>, InvalidToken> {
    let values = value.as_array().ok_or(InvalidToken)?;
    values.iter().map(|value| value.as_str().map(str::to_owned).ok_or(InvalidToken)).collect()
}

#[cfg(test)]
pub(super) mod tests;
