//! FIDO UAF credentials: keys on a user's devices. Where one can be reached is its dispatch
//! target.

use shared::entity::{AnyText, Entity as _, NonEmptyText};
use shared::ids::ExtId;
use shared::table::{ActionIndex, Condition, Key, Transaction, Update};

use crate::dispatch_targets::{self, DispatchTargetExtId};
use crate::users::UserPath;

/// The kind of a FIDO UAF credential's item.
pub const ENTITY_TYPE: &str = "FidoUafCredential";
/// What the sort keys of FIDO UAF credentials begin with.
pub const SK_PREFIX: &str = "CREDENTIAL#FIDO_UAF#";
/// The attribute that names the dispatch target.
const DISPATCH_TARGET: &str = "dispatchTargetExtId";

/// Marks the identifiers of FIDO UAF credentials.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FidoUafCredentialKind {}

/// What a FIDO UAF credential is named by, unique within the user.
pub type FidoUafCredentialExtId = ExtId<FidoUafCredentialKind>;

shared::entity! {
    /// A FIDO UAF credential.
    pub struct FidoUafCredential [
        ext_id: FidoUafCredentialExtId = "extId", "External identifier, unique within the user."
    ] {
        aaid: NonEmptyText = "aaid", "Model of the authenticator.";
        key_id: NonEmptyText = "keyId", "Key on the authenticator.";
        app_id: Option<AnyText> = "appId", "The application that it is registered for.";
        dispatch_target: Option<DispatchTargetExtId> = "dispatchTargetExtId", "Dispatch target of its device.";
    }
}

/// The key of a user's FIDO UAF credential.
#[must_use]
pub fn key(user: &UserPath, credential: &FidoUafCredentialExtId) -> Key {
    user.member_key(&["CREDENTIAL", "FIDO_UAF", &credential.key_part()])
}

impl FidoUafCredential {
    /// Adds the credential of a user to a transaction, and counts it at its dispatch target. The second
    /// index is that of the count: the target must exist and have room.
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

    /// Adds to a transaction that the credential no longer points to a dispatch target; it stays.
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
