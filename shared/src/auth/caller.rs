//! The caller of a request.

use super::authorization::Authorization;
use crate::ids::{ClientExtId, UserExtId};

/// A caller whose Bearer token holds.
#[derive(Clone, Debug)]
pub struct Caller {
    client: ClientExtId,
    subject: String,
    authorizations: Vec<Authorization>,
}

impl Caller {
    /// A caller, as a verified token names them.
    pub(super) fn new(client: ClientExtId, subject: String, authorizations: Vec<Authorization>) -> Self {
        Self { client, subject, authorizations }
    }

    /// Whether the caller is this user of this client.
    #[must_use]
    pub fn is(&self, client: &ClientExtId, user: &UserExtId) -> bool {
        self.client == *client && self.subject == user.as_str()
    }

    /// The caller as items and logs name them: client and subject, with `/` between them.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.client, self.subject)
    }

    /// The caller in a form that no two callers share: an identifier of a client holds no line
    /// break, but it may hold the `/` of [`Caller::name`].
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}\n{}", self.client, self.subject)
    }

    /// What the caller is authorized to, in the order of the token.
    #[must_use]
    pub fn authorizations(&self) -> &[Authorization] {
        &self.authorizations
    }
}
