//! X-Tokens, which prove that the user was re-authenticated recently.

use super::jwt::{TokenRules, Unverified, optional_text, text};
use super::key_set::KeySet;
use crate::clock::Timestamp;
use crate::error::{Claim, TokenRefusal};
use crate::http::{Header, Request};
use crate::ids::{ClientExtId, UserExtId};

/// Verifies X-Tokens.
pub struct XTokens {
    /// The key set.
    pub keys: KeySet,
    /// The allowed types and ages and, if configured, the required issuer and audiences.
    pub expectation: TokenRules,
    /// Whether the `clientExtId` claim is required.
    pub requires_client: bool,
}

impl XTokens {
    /// Checks that the request carries an X-Token of this user of this client.
    ///
    /// # Errors
    /// Returns [`TokenRefusal`] if the token is missing or invalid, or if no usable key set is
    /// available.
    pub async fn check(
        &self,
        request: &Request,
        client: &ClientExtId,
        user: &UserExtId,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        let token = match request.header("x-token") {
            Header::Missing | Header::One("") => return Err(TokenRefusal::Missing),
            Header::Repeated => return Err(TokenRefusal::Repeated),
            Header::One(token) => Unverified::read(token)?,
        };
        let keys = self.keys.keys(token.key_id()?, now).await.map_err(|_| TokenRefusal::Keys)?;
        let claims = token.verify(&keys, &self.expectation, now)?;
        if text(claims, Claim::Sub)? != user.as_str() {
            return Err(TokenRefusal::Sub);
        }
        match optional_text(claims, Claim::ClientExtId)? {
            None if self.requires_client => Err(TokenRefusal::Claim(Claim::ClientExtId)),
            Some(claimed) if claimed != client.as_str() => Err(TokenRefusal::Client),
            None | Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
