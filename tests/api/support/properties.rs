//! The property definitions for mobile signatures and users.

use std::collections::BTreeSet;

use functions::properties::values::{Applicable, entry_key};
use functions::properties::{
    self, Definition, PropertyAccess, PropertyName, Scope, Uniqueness, ValueType, imported_id,
};
use shared::clock::Timestamp;
use shared::entity::Entity as _;
use shared::ids::ClientExtId;
use shared::table::{NewItem, Stamp};

use super::items::IMPORT;
use super::world::World;

impl World {
    /// Returns the definitions of mobile signatures. For all clients: `{employee_id}` of at most 10 digits, unique;
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
            Definition { access: Some(PropertyAccess::ReadOnly), ..self.property("{badge}") },
            Definition { access: Some(PropertyAccess::Off), ..self.property("{secret}") },
            self.property("{department}").of(&self.id("client-123")),
        ]
    }

    /// Returns the definitions of users, for all clients: `{staff_number}` of at most 10 digits, unique, and
    /// `{floor}` without a rule.
    pub(crate) fn user_properties(&self) -> [Definition; 2] {
        let staff_number = Definition {
            max_length: Some(10),
            pattern: Some("[0-9]+".into()),
            uniqueness: Some(Uniqueness::Absolute),
            ..self.user_property("{staff_number}")
        };
        [staff_number, self.user_property("{floor}")]
    }

    /// Returns a definition as it is read after its creation.
    pub(crate) fn applicable(definition: &Definition) -> Applicable {
        let key = properties::key(definition.scope, definition.client.as_ref(), &definition.name);
        let stamp = Stamp { now: Timestamp::UNIX_EPOCH, by: String::new(), request: IMPORT.to_owned() };
        let item = definition.store(NewItem::new(&key, properties::ENTITY_TYPE)).as_stored(&stamp);
        Applicable::of([Some(&item), None]).expect("a definition").expect("an item")
    }

    /// Returns the key of the entry of a user among those that have a value of a property.
    pub(crate) fn entry_key(&self, definition: &Definition, client: &str, user: &str) -> [String; 2] {
        let key = entry_key(definition.id, &self.user_path(client, user).partition());
        [key.pk(), key.sk()].map(|part| self.names().scrub_text(part))
    }

    /// Returns a property of mobile signatures without a rule, for all clients.
    pub(crate) fn property(&self, name: &str) -> Definition {
        Definition::of_text(Scope::MobileSignature, PropertyName::unchecked(&self.names().fill(name)))
    }

    /// Returns a property of users without a rule, for all clients.
    pub(crate) fn user_property(&self, name: &str) -> Definition {
        Definition::of_text(Scope::User, PropertyName::unchecked(&self.names().fill(name)))
    }
}

/// Property definitions of one client.
pub(crate) trait OfClient {
    /// Restricts the definition to this client.
    fn of(self, client: &str) -> Self;
}

impl OfClient for Definition {
    fn of(self, client: &str) -> Self {
        let client = ClientExtId::unchecked(client);
        let id = imported_id(self.scope, Some(&client), &self.name);
        Self { id, client: Some(client), ..self }
    }
}
