//! Bearer tokens: access tokens as defined by RFC 9068, with the caller's identity and roles.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::authorization::{Authorization, Clients};
use super::caller::Caller;
use super::jwt::{TokenRules, Unverified, text};
use super::key_set::KeySet;
use crate::clock::Timestamp;
use crate::error::{Claim, TokenRefusal};
use crate::http::{Header, Request};
use crate::ids::{ClientExtId, UnitExtId};

/// Verifies Bearer tokens and reads their claims.
pub struct BearerTokens {
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<Issuer>,
}

/// An issuer of Bearer tokens. Its keys verify no token of another issuer.
pub struct Issuer {
    /// The key set.
    pub keys: KeySet,
    /// The required issuer, audiences and types.
    pub expectation: TokenRules,
    /// The claim with the roles over the caller's own client, in short form: its name, or else its path
    /// with dots.
    pub roles_claim: String,
}

impl BearerTokens {
    /// Authenticates the caller of a request.
    ///
    /// # Errors
    /// Returns [`TokenRefusal`] if the token is missing or invalid, or if no usable key set is
    /// available.
    pub async fn caller(&self, request: &Request, now: Timestamp) -> Result<Caller, TokenRefusal> {
        let token = match request.header("authorization") {
            Header::Missing => return Err(TokenRefusal::Missing),
            Header::Repeated => return Err(TokenRefusal::Repeated),
            Header::One(value) => Unverified::read(token_of(value)?)?,
        };
        let name = token.claimed_issuer()?;
        let mut issuers = self.issuers.iter();
        let issuer = issuers.find(|issuer| issuer.expectation.issuer.as_deref() == Some(name));
        let issuer = issuer.ok_or(TokenRefusal::Iss)?;
        let keys = issuer.keys.keys(token.key_id()?, now).await.map_err(|_| TokenRefusal::Keys)?;
        issuer.read(token.verify(&keys, &issuer.expectation, now)?)
    }

    /// Returns for each issuer whether there are keys to verify its tokens. A key set at a URL is fetched as
    /// for a token without key ID.
    pub async fn have_keys(&self, now: Timestamp) -> Vec<bool> {
        let keys = self.issuers.iter().map(|issuer| issuer.keys.keys(None, now));
        join_all(keys).await.iter().map(Result::is_ok).collect()
    }
}

impl Issuer {
    fn read(&self, claims: &Map<String, Value>) -> Result<Caller, TokenRefusal> {
        let client = ClientExtId::parse(text(claims, Claim::ClientExtId)?);
        let client = client.map_err(|_| TokenRefusal::Claim(Claim::ClientExtId))?;
        let subject = text(claims, Claim::Sub)?.to_owned();
        let mut authorizations = Vec::new();
        if let Some(entries) = claims.get(Claim::Authorizations.name()) {
            let entries = entries.as_array().map(|entries| {
                entries.iter().map(|entry| authorization(entry, &client)).collect::<Option<Vec<_>>>()
            });
            authorizations = entries.flatten().ok_or(TokenRefusal::Claim(Claim::Authorizations))?;
        }
        let own = || Clients::Only(BTreeSet::from([client.clone()]));
        let roles = roles(claims, &self.roles_claim).ok_or(TokenRefusal::Claim(Claim::Roles))?;
        authorizations.extend(roles.into_iter().map(|role| Authorization {
            role,
            clients: own(),
            units: None,
        }));
        Ok(Caller::new(client, subject, authorizations))
    }
}

/// Returns the roles in the claim of this name, or else at this path with dots; `None` if they have a wrong
/// type. A single role may be a string.
fn roles(members: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    match (members.get(name), name.split_once('.')) {
        (Some(Value::String(role)), _) => Some(vec![role.clone()]),
        (Some(roles), _) => texts(roles),
        (None, None) => Some(Vec::new()),
        (None, Some((outer, rest))) => match members.get(outer) {
            None => Some(Vec::new()),
            Some(inner) => roles(inner.as_object()?, rest),
        },
    }
}

/// Returns the token that follows the `Bearer` scheme, whose name is case-insensitive.
fn token_of(value: &str) -> Result<&str, TokenRefusal> {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    match (scheme.eq_ignore_ascii_case("bearer"), token.trim_start_matches(' ')) {
        _ if value.is_empty() => Err(TokenRefusal::Missing),
        (false, _) => Err(TokenRefusal::Scheme),
        (true, "") => Err(TokenRefusal::Missing),
        (true, token) => Ok(token),
    }
}

/// Reads an entry of `authorizations`; `None` if it is invalid.
fn authorization(entry: &Value, own: &ClientExtId) -> Option<Authorization> {
    let entry = entry.as_object()?;
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
    let units = match entry.get("units") {
        None => None,
        Some(units) => Some(texts(units)?.iter().map(|unit| UnitExtId::unchecked(unit)).collect()),
    };
    let role = entry.get("role")?.as_str().filter(|role| !role.is_empty())?;
    Some(Authorization { role: role.to_owned(), clients, units })
}

/// Returns the elements of an array of strings.
fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
pub(super) mod tests;
