//! Dispatch targets: where messages to a user's device are sent.

pub mod delete;

use shared::ids::{ClientExtId, ExtId};
use shared::table::{ActionIndex, Condition, Item, Key, NewItem, TableError, Transaction, Update};

use crate::users::UserPath;

/// The kind of a dispatch target's item.
pub const ENTITY_TYPE: &str = "DispatchTarget";
/// The most credentials that may point to one dispatch target: its deletion clears them all in one
/// transaction, which has room for 100 actions.
pub const MAX_CREDENTIALS: u64 = 90;
/// The attribute that counts the credentials that point to a dispatch target.
const CREDENTIALS: &str = "credentials";

/// Marks the identifiers of dispatch targets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DispatchTargetKind {}

/// What a dispatch target is named by, unique within the client.
pub type DispatchTargetExtId = ExtId<DispatchTargetKind>;

/// A dispatch target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchTarget {
    /// What it is named by.
    pub ext_id: DispatchTargetExtId,
    /// The device.
    pub device_id: Option<String>,
    /// Its address at the push service.
    pub target: Option<String>,
    /// The key that messages to it are signed with.
    pub signing_key: Option<String>,
    /// The application on the device.
    pub app_id: Option<String>,
    /// What the user calls it.
    pub name: Option<String>,
}

/// What the maker of a device attests about the application on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppAttestation {
    /// The device.
    pub device_id: String,
    /// The receipt of the maker.
    pub receipt: String,
    /// The key of the application.
    pub public_key: String,
    /// How often the key was used.
    pub counter: u64,
}

/// The key of a user's dispatch target.
#[must_use]
pub fn key(user: &UserPath, target: &DispatchTargetExtId) -> Key {
    user.member_key(&["DISPATCH_TARGET", &target.key_part()])
}

/// The key of the app attestation of a dispatch target.
#[must_use]
pub fn app_attestation_key(user: &UserPath, target: &DispatchTargetExtId) -> Key {
    user.member_key(&["APP_ATTESTATION", &target.key_part()])
}

/// The key that says that the identifier of a dispatch target is taken within the client.
#[must_use]
pub fn id_key(client: &ClientExtId, target: &DispatchTargetExtId) -> Key {
    Key::new(&["DISPATCH_TARGET_ID", &client.key_part(), &target.key_part()], &["DISPATCH_TARGET_ID"])
}

/// Counts one more credential at a dispatch target that has room for it. The count changes the
/// target's version, so that no deletion misses a credential.
#[must_use]
pub fn count_credential(user: &UserPath, target: &DispatchTargetExtId) -> Update {
    let has_room = Condition::NumberBelow(CREDENTIALS, MAX_CREDENTIALS);
    Update::new(key(user, target), has_room).increment(CREDENTIALS)
}

impl DispatchTarget {
    /// Reads a dispatch target from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        let optional = |name| Ok(item.optional_text(name)?.map(str::to_owned));
        Ok(Self {
            ext_id: DispatchTargetExtId::unchecked(item.text("extId")?),
            device_id: optional("deviceId")?,
            target: optional("target")?,
            signing_key: optional("signingKey")?,
            app_id: optional("appId")?,
            name: optional("name")?,
        })
    }

    /// Adds the dispatch target of a user to a transaction, its app attestation, and that its
    /// identifier is taken within the client: the second place.
    pub fn create(
        &self,
        user: &UserPath,
        attestation: Option<&AppAttestation>,
        transaction: &mut Transaction,
    ) -> (ActionIndex, ActionIndex) {
        let of_user = |key: &Key, entity_type| {
            NewItem::new(key, entity_type)
                .with_text("clientExtId", user.client.as_str())
                .with_text("userExtId", user.user.as_str())
                .with_text("extId", self.ext_id.as_str())
        };
        let item = of_user(&key(user, &self.ext_id), ENTITY_TYPE)
            .with_optional_text("deviceId", self.device_id.as_deref())
            .with_optional_text("target", self.target.as_deref())
            .with_optional_text("signingKey", self.signing_key.as_deref())
            .with_optional_text("appId", self.app_id.as_deref())
            .with_optional_text("name", self.name.as_deref())
            .with_number(CREDENTIALS, 0);
        let created = transaction.create(item);
        let id_taken = of_user(&id_key(&user.client, &self.ext_id), "DispatchTargetExtId")
            .with_text("owner", &user.partition());
        let id_taken = transaction.create(id_taken);
        if let Some(attestation) = attestation {
            let item = of_user(&app_attestation_key(user, &self.ext_id), AppAttestation::ENTITY_TYPE)
                .with_text("deviceId", &attestation.device_id)
                .with_text("receipt", &attestation.receipt)
                .with_text("publicKey", &attestation.public_key)
                .with_number("counter", attestation.counter);
            transaction.create(item);
        }
        (created, id_taken)
    }
}

impl AppAttestation {
    /// The kind of an app attestation's item.
    pub const ENTITY_TYPE: &str = "AppAttestation";

    /// Reads an app attestation from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            device_id: item.text("deviceId")?.to_owned(),
            receipt: item.text("receipt")?.to_owned(),
            public_key: item.text("publicKey")?.to_owned(),
            counter: item.number("counter")?,
        })
    }
}
