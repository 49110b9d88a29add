//! Right, then data room: which rights a caller has, and over which clients and units.

use std::collections::BTreeSet;

use super::authorization::{Authorization, Clients};
use super::caller::Caller;
use super::roles::RoleTable;
use crate::error::ApiError;
use crate::ids::{ClientExtId, UnitExtId};
use crate::rights::{Right, Role};

/// The rights that an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Each of these.
    All(&'static [Right]),
    /// One of these, or to be the user of the path in the role [`Role::SelfAdmin`].
    AnyOrSelf(&'static [Right]),
}

impl Needs {
    /// Whether users may act upon themselves, which takes an X-Token.
    #[must_use]
    pub fn admits_self(self) -> bool {
        match self {
            Self::All(_) => false,
            Self::AnyOrSelf(_) => true,
        }
    }

    /// The rights, in the order in which a missing one is named.
    #[must_use]
    pub fn rights(self) -> &'static [Right] {
        match self {
            Self::All(rights) | Self::AnyOrSelf(rights) => rights,
        }
    }
}

/// The authorizations of a caller that carry what an operation needs: for each demand, the right
/// that a refusal names and the authorizations of which one has to cover the object.
#[derive(Clone, Debug)]
pub struct Grants {
    required: Vec<(Right, Vec<Authorization>)>,
}

impl Caller {
    /// Whether the roles of the caller carry what an operation needs. `is_self`: the caller is the
    /// user of the path.
    ///
    /// # Errors
    /// [`ApiError::MissingRight`] with the first right that none of the roles carries.
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

    /// Whether the caller has this right over a client, and over a user with these units. For
    /// rights that lift a rule and are not needed for the operation itself.
    #[must_use]
    pub fn has_over(
        &self,
        right: Right,
        roles: &RoleTable,
        client: &ClientExtId,
        units: &BTreeSet<UnitExtId>,
    ) -> bool {
        self.authorizations().iter().any(|authorization| {
            roles.carries(&authorization.role, right)
                && authorization.covers_client(client)
                && authorization.covers_units(units)
        })
    }
}

impl Grants {
    /// Keeps the authorizations that cover a client.
    ///
    /// # Errors
    /// [`ApiError::DataRoomDenied`] with the first right for which none is left.
    pub fn over_client(self, client: &ClientExtId) -> Result<Self, ApiError> {
        self.keep(|authorization| authorization.covers_client(client))
    }

    /// Keeps the authorizations that cover all clients, those that do not exist yet included.
    ///
    /// # Errors
    /// As [`Grants::over_client`].
    pub fn over_all_clients(self) -> Result<Self, ApiError> {
        self.keep(|authorization| authorization.clients == Clients::All)
    }

    /// Keeps the authorizations that cover a user in these units, ancestors included.
    ///
    /// # Errors
    /// As [`Grants::over_client`].
    pub fn over_units(self, units: &BTreeSet<UnitExtId>) -> Result<Self, ApiError> {
        self.keep(|authorization| authorization.covers_units(units))
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
