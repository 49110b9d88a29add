//! Authorizations: roles and the data rooms that they cover.

use std::collections::BTreeSet;

use crate::ids::{ClientExtId, UnitExtId};

/// A role, and where it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The name of the role.
    pub role: String,
    /// The clients over which it counts.
    pub clients: Clients,
    /// The units over which it counts, each with everything below it; `None` for every unit.
    pub units: Option<BTreeSet<UnitExtId>>,
}

/// The clients over which a role counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clients {
    /// All, those that do not exist yet included.
    All,
    /// These.
    Only(BTreeSet<ClientExtId>),
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
