//! FIDO UAF credentials: keys on a user's devices. A credential can point to the dispatch target of its
//! device.

use shared::entity::{AnyText, Entity as _, NonEmptyText};
use shared::ids::ExtId;
use shared::table::{ActionIndex, Condition, Key, Transaction, Update};

use crate::dispatch_targets::{self, DispatchTargetExtId};
use crate::users::UserPath;

/// The entity type of a FIDO UAF credential's item.
pub const ENTITY_TYPE: &str = "FidoUafCredential";
/// The prefix of the sort keys of FIDO UAF credentials.
pub const SK_PREFIX: &str = "CREDENTIAL#FIDO_UAF#";
/// The attribute that contains the extId of the dispatch target.
const DISPATCH_TARGET: &str = "dispatchTargetExtId";

/// Marks the identifiers of FIDO UAF credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FidoUafCredentialKind {}

/// The external identifier of a FIDO UAF credential, unique within the user.
pub type FidoUafCredentialExtId = ExtId<FidoUafCredentialKind>;

shared::entity! {
    /// A FIDO UAF credential.
    pub struct FidoUafCredential [
        ext_id: FidoUafCredentialExtId = "extId", "External identifier, unique within the user."
    ] {
        aaid: NonEmptyText = "aaid", "Model of the authenticator.";
        key_id: NonEmptyText = "keyId", "Identifier of the key on the authenticator.";
        app_id: Option<AnyText> = "appId", "Application for which the credential is registered.";
        dispatch_target: Option<DispatchTargetExtId> = "dispatchTargetExtId", "Dispatch target of the device.";
    }
}

/// Returns the key of a user's FIDO UAF credential.
#[must_use]
pub fn key(user: &UserPath, credential: &FidoUafCredentialExtId) -> Key {
    user.member_key(&["CREDENTIAL", "FIDO_UAF", &credential.key_part()])
}

impl FidoUafCredential {
    /// Adds the credential of a user to a transaction, and increments the count of its dispatch target.
    ///
    /// Returns the indexes of the credential and of the increment, which requires that the target exists and
    /// has fewer than the maximum number of credentials.
    pub fn create(
        &self,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> (ActionIndex, Option<ActionIndex>) {
        let created = transaction.create(self.store(user.new_item(&key(user, &self.ext_id), ENTITY_TYPE)));
        let target = self.dispatch_target.as_ref();
        let counted =
            target.map(|target| transaction.update(dispatch_targets::count_credential(user, target)));
        (created, counted)
    }

    /// Adds an update to a transaction that removes the credential's reference to a dispatch target.
    pub fn clear_dispatch_target(
        &self,
        user: &UserPath,
        target: &DispatchTargetExtId,
        transaction: &mut Transaction,
    ) -> ActionIndex {
        let points_to_it = Condition::Text(DISPATCH_TARGET, target.to_string());
        transaction.update(Update::new(key(user, &self.ext_id), points_to_it).remove(DISPATCH_TARGET))
    }
}
