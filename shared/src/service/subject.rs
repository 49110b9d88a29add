//! Subjects: the parents of the object that an operation acts on.

use std::collections::BTreeSet;

use crate::error::ApiError;
use crate::http::Request;
use crate::ids::{UnitExtId, UserExtId};
use crate::table::{Item, Key, TableError};

/// The data room that the caller's rights must cover, as far as the token and the path determine it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceScope {
    /// The client of the path.
    Client,
    /// A client that does not exist yet. Only in multi-client mode, and only with rights over all
    /// clients.
    NewClient,
    /// What belongs to no client and is changed for all of them. Only with rights over all clients.
    AllClients,
    /// What belongs to no client and can be viewed with the rights over any client, or the clients
    /// themselves, of which the handler selects those that the rights cover.
    AnyClient,
}

/// Checks the items of parents; see [`Subject::admit`].
pub(super) type Admit = fn(&Subject, &Request, Vec<Option<Item>>) -> Result<FoundParents, ApiError>;

/// The parents of the object that an operation acts on, such as its client and its user.
///
/// [`Access`](super::Access) reads the parents together with everything that a handler reads, and
/// checks them first: that they exist, and that the caller's data room covers the units of the user.
#[derive(Clone, Copy)]
pub struct Subject {
    /// The data room that is checked without the table.
    pub scope: ResourceScope,
    /// Returns the keys of the parents of a request, the outermost first.
    pub keys: fn(&Request) -> Vec<Key>,
    /// Checks the items at these keys, in their order.
    ///
    /// Fails with [`ApiError::NotFound`] for the first parent other than a user that does not exist.
    pub admit: Admit,
    /// Returns the failure of a request whose innermost parent does not exist. The second argument is
    /// the name of the client; it is empty if the parent is the client itself.
    pub missing: fn(&Request, &str) -> ApiError,
    /// Whether the innermost parent is a user, a unit or a profile, whose units the data room must cover.
    pub has_units: bool,
    /// Whether the innermost parent belongs to a user whom the path does not name.
    pub has_owner: bool,
    /// The state of the innermost parent in which it and what is below it can only be deleted.
    pub closed: Option<Closed>,
    /// Whether the operation deletes the innermost parent in several steps, so that it finds one that is being deleted
    /// too and goes on with it.
    pub is_deleted: bool,
}

/// The state of a parent in which it and what is below it can only be deleted.
#[derive(Clone, Copy)]
pub struct Closed {
    /// The attribute with the state.
    pub attribute: &'static str,
    /// The value of the attribute in this state.
    pub value: &'static str,
    /// Returns the failure of any other change, from the item of the parent.
    pub failure: fn(&Item) -> Result<ApiError, TableError>,
}

impl Closed {
    /// Checks that the parent of an item is not closed.
    ///
    /// # Errors
    /// The failure if it is.
    pub fn require_open(&self, item: &Item) -> Result<(), ApiError> {
        if item.text(self.attribute)? == self.value { Err((self.failure)(item)?) } else { Ok(()) }
    }
}

/// The parents of a request, as [`Subject::admit`] found them.
#[derive(Debug, Default)]
pub struct FoundParents {
    /// The items, in the order of [`Subject::keys`].
    pub items: Vec<Item>,
    /// The name of the client, which some messages quote.
    pub client_name: String,
    /// What decides on the access to the user or the unit, or the failure if it does not exist; `None` if
    /// neither is among the parents.
    pub user: Option<Result<UserAccess, ApiError>>,
}

/// What decides on the access to a user, or to a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAccess {
    /// The units of the user, or the unit itself, and all units above them.
    pub units: BTreeSet<UnitExtId>,
    /// Whether the user is active. Only active users can act on themselves. Units always are.
    pub is_active: bool,
    /// The user to whom the object belongs, if the path does not name them.
    pub owner: Option<UserExtId>,
}

/// The parents of a request, whose data room the caller's rights cover. [`Access`](super::Access)
/// creates it after it has checked both.
#[derive(Debug)]
pub struct Parents(FoundParents);

impl Subject {
    /// A client that is created.
    pub const NEW_CLIENT: Self = Self::without_parents(ResourceScope::NewClient);
    /// A change of what belongs to no client.
    pub const GLOBAL_CHANGE: Self = Self::without_parents(ResourceScope::AllClients);
    /// A view of what belongs to no client, or of the clients.
    pub const GLOBAL_VIEW: Self = Self::without_parents(ResourceScope::AnyClient);

    const fn without_parents(scope: ResourceScope) -> Self {
        Self {
            scope,
            keys: |_| Vec::new(),
            admit: |_, _, _| Ok(FoundParents::default()),
            missing: |_, _| ApiError::Internal,
            has_units: false,
            has_owner: false,
            closed: None,
            is_deleted: false,
        }
    }
}

impl Parents {
    /// The parents whose user exists and is one that `covers` accepts, if there is one.
    ///
    /// A user who does not exist is decided on like one without units first, so that a caller whose rights
    /// are restricted to units cannot tell this user from one outside of them. Likewise, what belongs to a user
    /// whom the path does not name is decided on like that of another user.
    pub(super) fn new(
        subject: &Subject,
        found: FoundParents,
        covers: impl FnOnce(&UserAccess) -> Result<(), ApiError>,
    ) -> Result<Self, ApiError> {
        match &found.user {
            None => {}
            Some(Ok(user)) => covers(user)?,
            Some(Err(missing)) => {
                covers(&UserAccess { is_active: !subject.has_owner, ..UserAccess::default() })?;
                return Err(missing.clone());
            }
        }
        Ok(Self(found))
    }

    /// Returns the item of the innermost parent.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if there are no parents.
    pub fn innermost(&self) -> Result<&Item, TableError> {
        self.0.items.last().ok_or(TableError::Corrupt)
    }

    /// Returns the item of the outermost parent.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if there are no parents.
    pub fn outermost(&self) -> Result<&Item, TableError> {
        self.0.items.first().ok_or(TableError::Corrupt)
    }

    /// Returns the name of the client, which some messages quote.
    #[must_use]
    pub fn client_name(&self) -> &str {
        &self.0.client_name
    }

    /// Returns the units of the user and all units above them, if a user is among the parents.
    #[must_use]
    pub fn units(&self) -> Option<&BTreeSet<UnitExtId>> {
        self.0.user.as_ref()?.as_ref().ok().map(|user| &user.units)
    }
}
