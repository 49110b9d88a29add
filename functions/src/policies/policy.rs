//! A policy and its key.

use std::collections::BTreeMap;

use shared::entity::{Entity as _, Name, Remark, TextMap};
use shared::ids::{ClientExtId, ExtId, UnitExtId};
use shared::table::{Key, NewItem, Transaction};

/// The entity type of a policy's item.
pub const ENTITY_TYPE: &str = "Policy";
/// The name of a default profile policy.
const DEFAULT_NAME: &str = "Default";
/// The parameter of a profile policy with the unit of a profile for which no unit is given.
const DEFAULT_UNIT: &str = "defaultUnit";

/// Marks the identifiers of policies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {}

/// The external identifier of a policy, unique within the client.
pub type PolicyExtId = ExtId<PolicyKind>;

shared::names! {
    /// The type of a policy.
    pub enum PolicyType {
        /// Rules for the profiles of users.
        Profile = "ProfilePolicy",
    }
}

shared::entity! {
    /// A policy.
    pub struct Policy [
        client: ClientExtId = "clientExtId", "The client.";
        ext_id: PolicyExtId = "extId", "External identifier, unique within the client."
    ] {
        policy_type: PolicyType = "policyType", "Type.", disclosed;
        name: Name = "name", "Name.", disclosed;
        description: Option<Remark> = "description", "Description.", disclosed;
        parameters: TextMap = "parameters", "Values of parameters, by name.", disclosed;
        is_default: bool = "defaultPolicy", "Whether the policy is the default one of its type.", disclosed;
    }
}

/// Returns the key of a policy.
#[must_use]
pub fn key(client: &ClientExtId, policy: &PolicyExtId) -> Key {
    Key::new(&["CLIENT", &client.key_part()], &["POLICY", &policy.key_part()])
}

impl Policy {
    /// Returns the default profile policy of a client as it is created with the client and its default unit.
    #[must_use]
    pub fn default_of(client: &ClientExtId, policy: &PolicyExtId, unit: &UnitExtId) -> Self {
        Self {
            client: client.clone(),
            ext_id: policy.clone(),
            policy_type: PolicyType::Profile,
            name: DEFAULT_NAME.into(),
            description: None,
            parameters: BTreeMap::from([(DEFAULT_UNIT.to_owned(), unit.to_string())]).into(),
            is_default: true,
        }
    }

    /// Returns the unit of a profile for which no unit is given, if the policy has this parameter.
    #[must_use]
    pub fn default_unit(&self) -> Option<UnitExtId> {
        self.parameters.get(DEFAULT_UNIT).map(|unit| UnitExtId::unchecked(unit))
    }

    /// Adds the policy to a transaction.
    pub fn create(&self, transaction: &mut Transaction) {
        transaction.create(self.store(NewItem::new(&key(&self.client, &self.ext_id), ENTITY_TYPE)));
    }
}
