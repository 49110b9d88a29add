//! Authorizations: roles and their data rooms.

use std::collections::BTreeSet;

use crate::ids::{ClientExtId, UnitExtId};

/// A role and its data room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The name of the role.
    pub role: String,
    /// The clients that the role covers.
    pub clients: Clients,
    /// The units that the role covers, each including its descendants; `None` for all units.
    pub units: Option<BTreeSet<UnitExtId>>,
}

/// The clients that a role covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clients {
    /// All clients, including future ones.
    All,
    /// Only these clients.
    Only(BTreeSet<ClientExtId>),
}

impl Clients {
    /// Returns the clients that at least one of these authorizations covers.
    #[must_use]
    pub fn of(authorizations: &[Authorization]) -> Self {
        let mut covered = BTreeSet::new();
        for authorization in authorizations {
            match &authorization.clients {
                Self::All => return Self::All,
                Self::Only(clients) => covered.extend(clients.iter().cloned()),
            }
        }
        Self::Only(covered)
    }

    /// Returns the clients that are in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, clients) | (clients, Self::All) => clients,
            (Self::Only(one), Self::Only(other)) => Self::Only(one.intersection(&other).cloned().collect()),
        }
    }
}

impl Authorization {
    /// Returns true if the authorization covers the client.
    #[must_use]
    pub fn covers_client(&self, client: &ClientExtId) -> bool {
        match &self.clients {
            Clients::All => true,
            Clients::Only(clients) => clients.contains(client),
        }
    }

    /// Returns true if the authorization covers a user in these units, ancestors included.
    #[must_use]
    pub fn covers_units(&self, units: &BTreeSet<UnitExtId>) -> bool {
        self.units.as_ref().is_none_or(|allowed| !allowed.is_disjoint(units))
    }
}
