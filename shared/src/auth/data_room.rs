//! Rights and data rooms: which rights a caller has, and over which clients and units.

use std::collections::BTreeSet;

use super::authorization::{Authorization, Clients};
use super::caller::Caller;
use super::roles::RoleTable;
use crate::error::ApiError;
use crate::ids::{ClientExtId, UnitExtId};
use crate::rights::{Right, Role};

/// The rights that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// All of these rights.
    All(&'static [Right]),
    /// One of these rights, or the caller is the user in the path and has the role [`Role::SelfAdmin`].
    AnyOrSelf(&'static [Right]),
}

impl Needs {
    /// Returns true if users may act on themselves, which requires an X-Token.
    #[must_use]
    pub fn admits_self(self) -> bool {
        match self {
            Self::All(_) => false,
            Self::AnyOrSelf(_) => true,
        }
    }

    /// Returns the rights in the order in which a missing one is reported.
    #[must_use]
    pub fn rights(self) -> &'static [Right] {
        match self {
            Self::All(rights) | Self::AnyOrSelf(rights) => rights,
        }
    }
}

/// The caller's authorizations that satisfy the rights of an operation.
///
/// Each requirement has the right to report if it is not met, and the authorizations of which one must
/// cover the object.
#[derive(Clone, Debug)]
pub struct Grants {
    required: Vec<(Right, Vec<Authorization>)>,
}

impl Caller {
    /// Checks that the caller's roles carry the rights that an operation requires.
    ///
    /// `is_self` states whether the caller is the user in the path.
    ///
    /// # Errors
    /// Returns [`ApiError::MissingRight`] with the first right that no role carries.
    pub fn require(&self, needs: Needs, roles: &RoleTable, is_self: bool) -> Result<Grants, ApiError> {
        let carrying = |carries: &dyn Fn(&str) -> bool| -> Vec<Authorization> {
            self.authorizations()
                .iter()
                .filter(|authorization| carries(&authorization.role))
                .cloned()
                .collect()
        };
        let required: Vec<(Right, Vec<Authorization>)> = match needs {
            Needs::All(rights) => {
                rights.iter().map(|right| (*right, carrying(&|role| roles.carries(role, *right)))).collect()
            }
            Needs::AnyOrSelf(rights) => rights
                .first()
                .map(|first| {
                    let carries = |role: &str| {
                        rights.iter().any(|right| roles.carries(role, *right))
                            || (is_self && role == Role::SelfAdmin.name())
                    };
                    (*first, carrying(&carries))
                })
                .into_iter()
                .collect(),
        };
        match required.iter().find(|(_, authorizations)| authorizations.is_empty()) {
            Some((right, _)) => Err(ApiError::MissingRight(*right)),
            None => Ok(Grants { required }),
        }
    }

    /// Returns true if the caller has this right over a client and, if `units` are given, over a user
    /// in these units.
    ///
    /// This is for rights that lift a rule and are not required by the operation itself.
    #[must_use]
    pub fn has_over(
        &self,
        right: Right,
        roles: &RoleTable,
        client: &ClientExtId,
        units: Option<&BTreeSet<UnitExtId>>,
    ) -> bool {
        self.authorizations().iter().any(|authorization| {
            roles.carries(&authorization.role, right)
                && authorization.covers_client(client)
                && units.is_none_or(|units| authorization.covers_units(units))
        })
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

    /// Checks that the authorizations cover a user in these units, ancestors included.
    ///
    /// # Errors
    /// Returns [`ApiError::DataRoomDenied`] with the first right for which no authorization covers the
    /// units.
    pub fn require_units(&self, units: &BTreeSet<UnitExtId>) -> Result<(), ApiError> {
        let covers = |authorization: &Authorization| authorization.covers_units(units);
        match self.required.iter().find(|(_, authorizations)| !authorizations.iter().any(covers)) {
            Some((right, _)) => Err(ApiError::DataRoomDenied(*right)),
            None => Ok(()),
        }
    }

    fn keep(mut self, covers: impl Fn(&Authorization) -> bool) -> Result<Self, ApiError> {
        for (right, authorizations) in &mut self.required {
            authorizations.retain(&covers);
            if authorizations.is_empty() {
                return Err(ApiError::DataRoomDenied(*right));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
