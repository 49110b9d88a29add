//! Who calls: a client, a subject, and what they are authorized to.

use local::keys::Authorization;

/// The role that carries every right.
pub(crate) const ROOT: &str = "nevisIdm.Root";
/// The role of users who act upon themselves.
pub(crate) const SELF_ADMIN: &str = "nevisIdm.SelfAdmin";

/// A caller. Names may stand in braces, see [`super::names`].
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The client that they belong to.
    pub(crate) client: String,
    /// Their subject.
    pub(crate) subject: String,
    /// What they are authorized to.
    pub(crate) authorizations: Vec<Authorization>,
}

impl Caller {
    /// Somebody of a client, without any authorization.
    pub(crate) fn new(client: &str, subject: &str) -> Self {
        Self { client: client.to_owned(), subject: subject.to_owned(), authorizations: Vec::new() }
    }

    /// Somebody with every right over every client, who belongs to none of the tests' clients.
    pub(crate) fn root() -> Self {
        Self::new("{operators}", "root").with(ROOT, Some(&["*"]), None)
    }

    /// The user `{user-123}` of `{client-123}`, who may act upon themselves.
    pub(crate) fn the_user() -> Self {
        Self::new("{client-123}", "{user-123}").with(SELF_ADMIN, None, None)
    }

    /// The caller with one authorization more.
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
