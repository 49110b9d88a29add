//! X-Tokens, which prove that the user was re-authenticated recently.

use super::jwt::{InvalidToken, TokenRules, Unverified, optional_text, text};
use super::key_set::KeySet;
use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::{Header, Request};
use crate::ids::{ClientExtId, UserExtId};

/// Verifies X-Tokens.
pub struct XTokens {
    /// The key set.
    pub keys: KeySet,
    /// The allowed types and, if configured, the required issuer and audience.
    pub expectation: TokenRules,
}

impl XTokens {
    /// Checks that the request carries an X-Token of this user of this client.
    ///
    /// # Errors
    /// Returns [`ApiError::InvalidXToken`] if the token is missing or invalid for any reason, and
    /// [`ApiError::Unavailable`] if no usable key set is available.
    pub async fn check(
        &self,
        request: &Request,
        client: &ClientExtId,
        user: &UserExtId,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Header::One(token) = request.header("x-token") else {
            return Err(ApiError::InvalidXToken);
        };
        let invalid = |_: InvalidToken| ApiError::InvalidXToken;
        let token = Unverified::read(token).map_err(invalid)?;
        let key_id = token.key_id().map_err(invalid)?;
        let keys = self.keys.keys(key_id, now).await.map_err(|_| ApiError::Unavailable)?;
        let claims = token.verify(&keys, &self.expectation, now).map_err(invalid)?;
        let of_user = text(&claims, "sub").map_err(invalid)? == user.as_str();
        let of_client = optional_text(&claims, "clientExtId")
            .map_err(invalid)?
            .is_none_or(|claimed| claimed == client.as_str());
        if of_user && of_client { Ok(()) } else { Err(ApiError::InvalidXToken) }
    }
}

#[cfg(test)]
mod tests;
