//! Mobile signatures: credentials with which users sign on their phones. A user has at most one.

pub mod changes;
pub mod update_properties;

use std::collections::BTreeSet;

use shared::entity::{AnyText, Entity as _, NonEmptyText, TextMap};
use shared::error::ApiError;
use shared::ids::ExtId;
use shared::table::{ActionIndex, Condition, Key, Transaction, Update};

use crate::properties::{self, PropertyFailure, PropertyName, Scope};
use crate::users::UserPath;

/// The scope of the properties of mobile signatures.
const SCOPE: Scope = Scope::MobileSignature;
/// The entity type of a mobile signature's item.
pub const ENTITY_TYPE: &str = "MobileSignature";

shared::entity! {
    /// A mobile signature.
    pub struct MobileSignature [
        ext_id: MobileSignatureExtId = "extId", "External identifier, unique within the user."
    ] {
        state: NonEmptyText = "stateName", "State.";
        identificator: Option<AnyText> = "identificator", "Identifier of the user at the signature service.";
        mssp_identifier: Option<AnyText> = "msspIdentifier", "Address of the signature service.";
        msisdn: Option<AnyText> = "msisdn", "Phone number.";
        properties: TextMap = "properties", "Values of the properties, by name.";
        unique_properties: BTreeSet<String> = "uniqueProperties", "Names of the properties whose values are reserved.";
    }
}

/// Marks the identifiers of mobile signatures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MobileSignatureKind {}

/// The external identifier of a mobile signature.
pub type MobileSignatureExtId = ExtId<MobileSignatureKind>;

/// The reservation of a unique value in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The property.
    pub name: String,
    /// The value.
    pub value: String,
    /// The index of the reservation.
    pub index: ActionIndex,
}

/// Returns the key of a user's mobile signature.
#[must_use]
pub fn key(user: &UserPath) -> Key {
    user.member_key(&["CREDENTIAL", "MOBILE_SIGNATURE"])
}

impl MobileSignature {
    /// Adds the mobile signature of a user to a transaction, and reserves the values of its unique
    /// properties.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> (ActionIndex, Vec<Reservation>) {
        let created = transaction.create(self.store(user.new_item(&key(user), ENTITY_TYPE)));
        let owner = user.partition();
        let mut reservations = Vec::new();
        for name in &self.unique_properties {
            if let Some(value) = self.reserved(name) {
                reservations.push(Reservation::new(name, value, &owner, transaction));
            }
        }
        (created, reservations)
    }

    /// Adds the update of the mobile signature from this revision to `next` to a transaction.
    ///
    /// Releases the unique values that are no longer in use, and reserves the new ones. Returns the index of
    /// the update, or `None` if nothing changes, and the reservations.
    pub fn change(
        &self,
        revision: u64,
        next: &Self,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> (Option<ActionIndex>, Vec<Reservation>) {
        if next == self {
            return (None, Vec::new());
        }
        let update = next.update(self, Update::new(key(user), Condition::Revision(revision)));
        let updated = transaction.update(update);
        let owner = user.partition();
        let mut reservations = Vec::new();
        for name in self.unique_properties.union(&next.unique_properties) {
            let (old, new) = (self.reserved(name), next.reserved(name));
            if old == new {
                continue;
            }
            if let Some(old) = old {
                properties::release_value(SCOPE, &PropertyName::unchecked(name), old, &owner, transaction);
            }
            if let Some(value) = new {
                reservations.push(Reservation::new(name, value, &owner, transaction));
            }
        }
        (Some(updated), reservations)
    }

    /// Returns the value of a property if it is reserved.
    fn reserved(&self, name: &str) -> Option<&String> {
        self.properties.get(name).filter(|_| self.unique_properties.contains(name))
    }
}

/// Returns the error for a user without a mobile signature.
fn missing(user: &UserPath) -> ApiError {
    ApiError::NotFound(format!("Mobile Signature credential does not exist under the user {}", user.user))
}

impl Reservation {
    /// Adds the reservation of a value to a transaction.
    fn new(name: &str, value: &str, owner: &str, transaction: &mut Transaction) -> Self {
        let index =
            properties::reserve_value(SCOPE, &PropertyName::unchecked(name), value, owner, transaction);
        Self { name: name.to_owned(), value: value.to_owned(), index }
    }

    /// Returns the failure for a value that is already reserved.
    #[must_use]
    pub fn failure(self) -> PropertyFailure {
        PropertyFailure::NotUnique { name: self.name, value: self.value }
    }
}
