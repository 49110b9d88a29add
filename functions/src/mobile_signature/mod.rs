//! Mobile signatures: credentials with which users sign on their phones. A user has at most one.

pub mod update_properties;

use std::collections::BTreeMap;

use shared::entity::{AnyText, Entity as _, NonEmptyText};
use shared::error::ApiError;
use shared::ids::ExtId;
use shared::table::{ActionIndex, Key, TableError, Transaction};

use crate::properties::Scope;
use crate::properties::values::{Applicable, Conditions, Holder, Values};
use crate::users::UserPath;

/// The entity type of a mobile signature's item.
pub const ENTITY_TYPE: &str = "MobileSignature";

shared::entity! {
    /// A mobile signature. Its item also has the [`Values`] of its properties.
    pub struct MobileSignature [
        ext_id: MobileSignatureExtId = "extId", "External identifier, unique within the user."
    ] {
        state: NonEmptyText = "stateName", "State.";
        identificator: Option<AnyText> = "identificator", "Identifier of the user at the signature service.";
        mssp_identifier: Option<AnyText> = "msspIdentifier", "Address of the signature service.";
        msisdn: Option<AnyText> = "msisdn", "Phone number.";
    }
}

/// Marks the identifiers of mobile signatures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MobileSignatureKind {}

/// The external identifier of a mobile signature.
pub type MobileSignatureExtId = ExtId<MobileSignatureKind>;

/// Returns the key of a user's mobile signature.
#[must_use]
pub fn key(user: &UserPath) -> Key {
    user.member_key(&["CREDENTIAL", "MOBILE_SIGNATURE"])
}

/// Returns the mobile signature of a user as the holder of its properties.
#[must_use]
pub fn holder(user: &UserPath) -> Holder {
    Holder {
        scope: Scope::MobileSignature,
        name: "a mobile signature",
        client: user.client.clone(),
        key: key(user),
    }
}

impl MobileSignature {
    /// Adds the mobile signature of a user with the values of its properties, their entries and the reservations
    /// of those that are unique to a transaction.
    ///
    /// # Errors
    /// Those of [`Values::change`].
    pub fn create(
        &self,
        (values, defined): (&Values, &BTreeMap<String, Applicable>),
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<(ActionIndex, Conditions), TableError> {
        let item = values.store(self.store(user.new_item(&key(user), ENTITY_TYPE)));
        let created = transaction.create(item);
        Ok((created, values.change(&Values::default(), &holder(user), defined, transaction)?))
    }
}

/// Returns the error for a user without a mobile signature.
fn missing(user: &UserPath) -> ApiError {
    ApiError::NotFound(format!("Mobile Signature credential does not exist under the user {}", user.user))
}
