//! FIDO UAF credentials: keys on a user's devices. Where one can be reached is its dispatch
//! target.

use shared::ids::ExtId;
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

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

/// A FIDO UAF credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FidoUafCredential {
    /// What it is named by.
    pub ext_id: FidoUafCredentialExtId,
    /// The model of the authenticator.
    pub aaid: String,
    /// The key on the authenticator.
    pub key_id: String,
    /// The application that it is registered for.
    pub app_id: Option<String>,
    /// Where its device can be reached.
    pub dispatch_target: Option<DispatchTargetExtId>,
}

/// The key of a user's FIDO UAF credential.
#[must_use]
pub fn key(user: &UserPath, credential: &FidoUafCredentialExtId) -> Key {
    user.member_key(&["CREDENTIAL", "FIDO_UAF", &credential.key_part()])
}

impl FidoUafCredential {
    /// Reads a FIDO UAF credential from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            ext_id: FidoUafCredentialExtId::unchecked(item.text("extId")?),
            aaid: item.text("aaid")?.to_owned(),
            key_id: item.text("keyId")?.to_owned(),
            app_id: item.optional_text("appId")?.map(str::to_owned),
            dispatch_target: item.optional_text(DISPATCH_TARGET)?.map(DispatchTargetExtId::unchecked),
        })
    }

    /// Adds the credential of a user to a transaction, and counts it at its dispatch target. The
    /// second place is that of the count: the target has to be there and have room.
    pub fn create(
        &self,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> (ActionIndex, Option<ActionIndex>) {
        let target = self.dispatch_target.as_ref();
        let item = NewItem::new(&key(user, &self.ext_id), ENTITY_TYPE)
            .with_text("clientExtId", user.client.as_str())
            .with_text("userExtId", user.user.as_str())
            .with_text("extId", self.ext_id.as_str())
            .with_text("aaid", &self.aaid)
            .with_text("keyId", &self.key_id)
            .with_optional_text("appId", self.app_id.as_deref())
            .with_optional_text(DISPATCH_TARGET, target.map(DispatchTargetExtId::as_str));
        let created = transaction.create(item);
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
