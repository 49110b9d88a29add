//! The caller of a request.

use super::authorization::Authorization;
use crate::ids::{ClientExtId, UserExtId};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    client: ClientExtId,
    subject: String,
    authorizations: Vec<Authorization>,
}

impl Caller {
    /// Creates the caller from the claims of a verified token.
    pub(super) fn new(client: ClientExtId, subject: String, authorizations: Vec<Authorization>) -> Self {
        Self { client, subject, authorizations }
    }

    /// Returns true if the caller is this user of this client.
    #[must_use]
    pub fn is(&self, client: &ClientExtId, user: &UserExtId) -> bool {
        self.client == *client && self.subject == user.as_str()
    }

    /// Returns the client of the caller.
    #[must_use]
    pub fn client(&self) -> &ClientExtId {
        &self.client
    }

    /// Returns true if the caller is a user of this client.
    #[must_use]
    pub fn is_of(&self, client: &ClientExtId) -> bool {
        self.client == *client
    }

    /// Returns the caller's name for items and log lines: client and subject, separated by `/`.
    ///
    /// Names of different callers differ: `/` and `%` in either part are percent-encoded.
    #[must_use]
    pub fn name(&self) -> String {
        let encoded = |part: &str| part.replace('%', "%25").replace('/', "%2F");
        format!("{}/{}", encoded(self.client.as_str()), encoded(&self.subject))
    }

    /// Returns a unique key of the caller.
    ///
    /// Stored idempotency keys are derived from it, so its form does not follow that of
    /// [`Caller::name`]. Client identifiers contain no line break.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}\n{}", self.client, self.subject)
    }

    /// Returns the caller's authorizations, in the order of the token.
    #[must_use]
    pub fn authorizations(&self) -> &[Authorization] {
        &self.authorizations
    }
}
