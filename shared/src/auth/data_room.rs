//! Rights and data rooms: which rights a caller has, and over which clients and units.

use std::collections::BTreeSet;

use super::authorization::{Authorization, Clients};
use super::caller::Caller;
use super::roles::RoleTable;
use crate::error::ApiError;
use crate::ids::{ClientExtId, UnitExtId};
use crate::rights::Right;

/// The rights that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    rights: Rights,
    self_service: SelfService,
}

/// The rights of [`Needs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    /// All of these.
    All(&'static [Right]),
    /// One of these.
    Any(&'static [Right]),
    /// One of each of these groups.
    OneOfEach(&'static [&'static [Right]]),
}

/// Whether the user in the path may call an operation with the right [`Right::SelfAdmin`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfService {
    /// No.
    None,
    /// Yes. No X-Token is required.
    Allowed,
    /// Yes. A caller who is the user in the path needs an X-Token, whatever rights they have.
    WithXToken,
}

impl Needs {
    /// All of these rights.
    #[must_use]
    pub const fn all(rights: &'static [Right]) -> Self {
        Self { rights: Rights::All(rights), self_service: SelfService::None }
    }

    /// One of these rights.
    #[must_use]
    pub const fn any(rights: &'static [Right]) -> Self {
        Self { rights: Rights::Any(rights), self_service: SelfService::None }
    }

    /// One right of each of these groups.
    #[must_use]
    pub const fn one_of_each(groups: &'static [&'static [Right]]) -> Self {
        Self { rights: Rights::OneOfEach(groups), self_service: SelfService::None }
    }

    /// Instead of the rights, users may act on themselves.
    #[must_use]
    pub const fn or_self(self, self_service: SelfService) -> Self {
        Self { self_service, ..self }
    }

    /// Returns whether users may act on themselves.
    #[must_use]
    pub const fn self_service(self) -> SelfService {
        self.self_service
    }

    /// Returns true if a caller who is the user in the path needs an X-Token.
    #[must_use]
    pub fn requires_x_token(self) -> bool {
        self.self_service == SelfService::WithXToken
    }

    /// Returns the groups of rights, of each of which one is required. If a group is missing, its first right
    /// is reported.
    #[must_use]
    pub fn groups(self) -> Vec<&'static [Right]> {
        match self.rights {
            Rights::All(rights) => rights.chunks(1).collect(),
            Rights::Any(rights) => vec![rights],
            Rights::OneOfEach(groups) => groups.to_vec(),
        }
    }

    /// Returns the required rights as text, each as `word` returns it: `A, B`, `A or B` or `(A or B), (C or D)`.
    #[must_use]
    pub fn in_words(self, word: impl Fn(Right) -> String) -> String {
        let groups = self.groups();
        let either = |group: &&[Right]| {
            let rights = group.iter().map(|right| word(*right)).collect::<Vec<_>>().join(" or ");
            if group.len() > 1 && groups.len() > 1 { format!("({rights})") } else { rights }
        };
        groups.iter().map(either).collect::<Vec<_>>().join(", ")
    }
}

/// The caller's authorizations that satisfy the rights of an operation.
#[derive(Clone, Debug)]
pub struct Grants {
    /// The right to report for each group of rights, and the authorizations that carry one of the group. One
    /// of them must cover the object.
    required: Vec<(Right, Vec<Authorization>)>,
    /// The authorizations of a user who acts on themselves, which replace any of those while the user is
    /// active.
    as_self: Vec<Authorization>,
}

impl Caller {
    /// Checks that the caller's roles carry the rights that an operation requires.
    ///
    /// `is_self` states whether the caller is the user in the path.
    ///
    /// # Errors
    /// Returns [`ApiError::MissingRight`] with the first right that no role carries.
    pub fn require(&self, needs: Needs, roles: &RoleTable, is_self: bool) -> Result<Grants, ApiError> {
        let carrying = |rights: &[Right]| -> Vec<Authorization> {
            let carries = |role: &str| rights.iter().any(|right| roles.carries(role, *right));
            self.authorizations().iter().filter(|one| carries(&one.role)).cloned().collect()
        };
        let acts_on_self = is_self && needs.self_service != SelfService::None;
        let as_self = if acts_on_self { carrying(&[Right::SelfAdmin]) } else { Vec::new() };
        let groups = needs.groups().into_iter();
        let required = groups.filter_map(|rights| Some((*rights.first()?, carrying(rights)))).collect();
        let grants = Grants { required, as_self };
        grants.first_unmet(|_| true, true).map_or(Ok(grants), |right| Err(ApiError::MissingRight(right)))
    }

    /// Checks that the caller has this right over a client and, if `units` are given, over a user in these
    /// units.
    ///
    /// This is for rights that depend on the body or lift a rule, and that the operation itself does not
    /// require.
    ///
    /// # Errors
    /// Returns [`ApiError::MissingRight`] if no role carries the right, then [`ApiError::DataRoomDenied`].
    pub fn require_over(
        &self,
        right: Right,
        roles: &RoleTable,
        client: &ClientExtId,
        units: Option<&BTreeSet<UnitExtId>>,
    ) -> Result<(), ApiError> {
        self.require_covering(right, roles, |one| {
            one.covers_client(client) && units.is_none_or(|units| one.covers_units(units))
        })
    }

    /// Checks that the caller has this right over all clients, including future ones. See [`Caller::require_over`].
    ///
    /// # Errors
    /// The same as [`Caller::require_over`].
    pub fn require_over_all_clients(&self, right: Right, roles: &RoleTable) -> Result<(), ApiError> {
        self.require_covering(right, roles, |one| one.clients == Clients::All)
    }

    fn require_covering(
        &self,
        right: Right,
        roles: &RoleTable,
        covers: impl Fn(&Authorization) -> bool,
    ) -> Result<(), ApiError> {
        let mut carrying =
            self.authorizations().iter().filter(|one| roles.carries(&one.role, right)).peekable();
        if carrying.peek().is_none() {
            return Err(ApiError::MissingRight(right));
        }
        if carrying.any(covers) { Ok(()) } else { Err(ApiError::DataRoomDenied(right)) }
    }
}

impl Grants {
    /// Restricts the authorizations to those that cover a client.
    ///
    /// # Errors
    /// Returns [`ApiError::DataRoomDenied`] with the first right for which no authorization remains.
    pub fn over_client(self, client: &ClientExtId) -> Result<Self, ApiError> {
        self.keep(|authorization| authorization.covers_client(client))
    }

    /// Restricts the authorizations to those that cover all clients, including future ones.
    ///
    /// # Errors
    /// The same as [`Grants::over_client`].
    pub fn over_all_clients(self) -> Result<Self, ApiError> {
        self.keep(|authorization| authorization.clients == Clients::All)
    }

    /// Restricts the authorizations to those that cover at least one client.
    ///
    /// # Errors
    /// The same as [`Grants::over_client`].
    pub fn over_any_client(self) -> Result<Self, ApiError> {
        self.keep(|authorization| match &authorization.clients {
            Clients::All => true,
            Clients::Only(clients) => !clients.is_empty(),
        })
    }

    /// Returns the clients that the authorizations cover with every required right.
    #[must_use]
    pub fn clients(&self) -> Clients {
        let covered = self.required.iter().map(|(_, granted)| Clients::of(granted));
        covered.reduce(Clients::intersection).unwrap_or_else(|| Clients::Only(BTreeSet::new()))
    }

    /// Checks that the authorizations cover a client.
    ///
    /// # Errors
    /// The same as [`Grants::over_client`].
    pub fn require_client(&self, client: &ClientExtId) -> Result<(), ApiError> {
        let denied = self.first_unmet(|granted| granted.covers_client(client), true);
        denied.map_or(Ok(()), |right| Err(ApiError::DataRoomDenied(right)))
    }

    /// Checks that the authorizations cover a client and all of its units.
    ///
    /// # Errors
    /// The same as [`Grants::over_client`].
    pub fn require_whole_client(&self, client: &ClientExtId) -> Result<(), ApiError> {
        let covers =
            |granted: &Authorization| granted.covers_client(client) && granted.covers_units(&BTreeSet::new());
        self.first_unmet(covers, true).map_or(Ok(()), |right| Err(ApiError::DataRoomDenied(right)))
    }

    /// Checks that the authorizations cover a user in these units, ancestors included. A user who is not
    /// active cannot act on themselves.
    ///
    /// # Errors
    /// Returns [`ApiError::MissingRight`] with the first right that only [`Right::SelfAdmin`] would replace
    /// if the user were active, then [`ApiError::DataRoomDenied`] with the first right for which no
    /// authorization covers the units.
    pub fn require_user(&self, units: &BTreeSet<UnitExtId>, is_active: bool) -> Result<(), ApiError> {
        if let Some(right) = self.first_unmet(|_| true, is_active) {
            return Err(ApiError::MissingRight(right));
        }
        let denied = self.first_unmet(|granted| granted.covers_units(units), is_active);
        denied.map_or(Ok(()), |right| Err(ApiError::DataRoomDenied(right)))
    }

    /// Returns the first right for which no authorization covers the object. `is_active` states whether a
    /// user who acts on themselves is active.
    fn first_unmet(&self, covers: impl Fn(&Authorization) -> bool, is_active: bool) -> Option<Right> {
        if is_active && self.as_self.iter().any(&covers) {
            return None;
        }
        let mut required = self.required.iter();
        required.find(|(_, granted)| !granted.iter().any(&covers)).map(|(right, _)| *right)
    }

    fn keep(mut self, covers: impl Fn(&Authorization) -> bool) -> Result<Self, ApiError> {
        for (_, granted) in &mut self.required {
            granted.retain(&covers);
        }
        self.as_self.retain(&covers);
        let denied = self.first_unmet(|_| true, true);
        denied.map_or(Ok(self), |right| Err(ApiError::DataRoomDenied(right)))
    }
}

#[cfg(test)]
mod tests;
