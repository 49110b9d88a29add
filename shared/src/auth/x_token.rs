//! The X-Token: it shows that the user was re-authenticated just now.

use super::jwt::{InvalidToken, TokenRules, Unverified, optional_text, text};
use super::key_set::KeySet;
use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::http::{Header, Request};
use crate::ids::{ClientExtId, UserExtId};

/// How X-Tokens are verified.
pub struct XTokens {
    /// The keys.
    pub keys: KeySet,
    /// Issuer and audience where configured, and the types.
    pub expectation: TokenRules,
}

impl XTokens {
    /// Whether the request carries a token that shows that this user of this client was
    /// re-authenticated.
    ///
    /// # Errors
    /// [`ApiError::InvalidXToken`], whatever is wrong; [`ApiError::Unavailable`] when there are no
    /// keys to tell.
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
        let refused = |_: InvalidToken| ApiError::InvalidXToken;
        let token = Unverified::read(token).map_err(refused)?;
        let key_id = token.key_id().map_err(refused)?;
        let keys = self.keys.keys(key_id, now).await.map_err(|_| ApiError::Unavailable)?;
        let claims = token.verify(&keys, &self.expectation, now).map_err(refused)?;
        let of_user = text(&claims, "sub").map_err(refused)? == user.as_str();
        let of_client = optional_text(&claims, "clientExtId")
            .map_err(refused)?
            .is_none_or(|claimed| claimed == client.as_str());
        if of_user && of_client { Ok(()) } else { Err(ApiError::InvalidXToken) }
    }
}

#[cfg(test)]
mod tests;
