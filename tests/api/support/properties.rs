//! The property definitions for mobile signatures.

use std::collections::BTreeSet;

use functions::properties::{Definition, PropertyAccess, PropertyName, Scope, Uniqueness, ValueType};
use shared::ids::ClientExtId;

use super::world::World;

impl World {
    /// Returns the definitions. For all clients: `{employee_id}` of at most 10 digits, unique;
    /// `{nickname}` without a rule; `{color}` with the values `green` and `red`; `{badge}`,
    /// read-only; `{secret}`, off. For `{client-123}` only: `{department}`.
    pub(crate) fn properties(&self) -> [Definition; 6] {
        let employee_id = Definition {
            max_length: Some(10),
            pattern: Some("[0-9]+".into()),
            uniqueness: Some(Uniqueness::Absolute),
            ..self.property("{employee_id}")
        };
        let color = Definition {
            value_type: ValueType::Enum,
            allowed_values: BTreeSet::from(["green", "red"].map(str::to_owned)),
            ..self.property("{color}")
        };
        [
            employee_id,
            self.property("{nickname}"),
            color,
            Definition { access: PropertyAccess::ReadOnly, ..self.property("{badge}") },
            Definition { access: PropertyAccess::Off, ..self.property("{secret}") },
            self.property("{department}").of(&self.id("client-123")),
        ]
    }

    /// Returns a property without a rule, for all clients.
    pub(crate) fn property(&self, name: &str) -> Definition {
        Definition {
            scope: Scope::MobileSignature,
            client: None,
            name: PropertyName::unchecked(&self.names().fill(name)),
            value_type: ValueType::String,
            max_length: None,
            pattern: None,
            uniqueness: None,
            access: PropertyAccess::ReadWrite,
            allowed_values: BTreeSet::new(),
        }
    }
}

/// Property definitions of one client.
pub(crate) trait OfClient {
    /// Restricts the definition to this client.
    fn of(self, client: &str) -> Self;
}

impl OfClient for Definition {
    fn of(self, client: &str) -> Self {
        Self { client: Some(ClientExtId::unchecked(client)), ..self }
    }
}
