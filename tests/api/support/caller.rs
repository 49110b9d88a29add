//! Callers: a client, a subject and authorizations.

use local::keys::Authorization;

/// Role that grants every right.
pub(crate) const ROOT: &str = "nevisIdm.Root";
/// Role of users who act upon themselves.
pub(crate) const SELF_ADMIN: &str = "nevisIdm.SelfAdmin";

/// A caller. Its strings may contain names in braces, see [`super::names`].
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Client to which the caller belongs.
    pub(crate) client: String,
    /// Subject.
    pub(crate) subject: String,
    /// Authorizations.
    pub(crate) authorizations: Vec<Authorization>,
}

impl Caller {
    /// Creates a caller of a client without authorizations.
    pub(crate) fn new(client: &str, subject: &str) -> Self {
        Self { client: client.to_owned(), subject: subject.to_owned(), authorizations: Vec::new() }
    }

    /// Returns a caller with every right over every client. The caller belongs to none of the
    /// tests' clients.
    pub(crate) fn root() -> Self {
        Self::new("{operators}", "root").with(ROOT, Some(&["*"]), None)
    }

    /// Returns the user `{user-123}` of `{client-123}` with the right to act upon themselves.
    pub(crate) fn the_user() -> Self {
        Self::new("{client-123}", "{user-123}").with(SELF_ADMIN, None, None)
    }

    /// Adds an authorization.
    pub(crate) fn with(mut self, role: &str, clients: Option<&[&str]>, units: Option<&[&str]>) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        self.authorizations.push(Authorization {
            role: role.to_owned(),
            clients: clients.map(owned),
            units: units.map(owned),
        });
        self
    }
}
