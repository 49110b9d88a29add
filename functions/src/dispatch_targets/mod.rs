//! Dispatch targets: the devices of users that receive messages.

pub mod delete;
pub mod get;

use shared::entity::{AnyText, Entity as _, NonEmptyText};
use shared::error::ApiError;
use shared::ids::{ClientExtId, ExtId};
use shared::table::{ActionIndex, Condition, Key, Transaction, Update};

use crate::users::UserPath;

/// The entity type of a dispatch target's item.
pub const ENTITY_TYPE: &str = "DispatchTarget";
/// The maximum number of credentials that point to one dispatch target. Deleting the target updates all of
/// them in one transaction, which is limited to 100 actions.
pub const MAX_CREDENTIALS: u64 = 90;
/// The attribute that counts the credentials that point to a dispatch target.
const CREDENTIALS: &str = "credentials";

/// Marks the identifiers of dispatch targets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DispatchTargetKind {}

/// The external identifier of a dispatch target, unique within the client.
pub type DispatchTargetExtId = ExtId<DispatchTargetKind>;

shared::entity! {
    /// A dispatch target.
    pub struct DispatchTarget [
        ext_id: DispatchTargetExtId = "extId", "External identifier, unique within the client."
    ] {
        device_id: Option<AnyText> = "deviceId", "Identifier of the device.";
        target: Option<AnyText> = "target", "Address of the device at the push service.";
        signing_key: Option<AnyText> = "signingKey", "Key that signs messages to the device.";
        app_id: Option<AnyText> = "appId", "Identifier of the application on the device.";
        name: Option<AnyText> = "name", "Name that the user gave to the device.";
    }
}

shared::entity! {
    /// The device manufacturer's attestation of the application.
    pub struct AppAttestation {
        device_id: NonEmptyText = "deviceId", "Identifier of the device.";
        receipt: NonEmptyText = "receipt", "Receipt of the manufacturer.";
        public_key: NonEmptyText = "publicKey", "Public key of the application.";
        counter: Option<u64> = "counter", "Number of uses of the key.";
    }
}

/// Returns the key of a user's dispatch target.
#[must_use]
pub fn key(user: &UserPath, target: &DispatchTargetExtId) -> Key {
    user.member_key(&["DISPATCH_TARGET", &target.key_part()])
}

/// Returns the key of the app attestation of a dispatch target.
#[must_use]
pub fn app_attestation_key(user: &UserPath, target: &DispatchTargetExtId) -> Key {
    user.member_key(&["APP_ATTESTATION", &target.key_part()])
}

/// Returns the key that reserves the extId of a dispatch target within the client.
#[must_use]
pub fn id_key(client: &ClientExtId, target: &DispatchTargetExtId) -> Key {
    Key::new(&["DISPATCH_TARGET_ID", &client.key_part(), &target.key_part()], &["DISPATCH_TARGET_ID"])
}

/// Returns an update that increments the number of credentials of a dispatch target, up to
/// [`MAX_CREDENTIALS`].
///
/// The update changes the target's revision, so that a concurrent deletion cannot miss the credential. It
/// does not change the version that clients see.
#[must_use]
pub fn count_credential(user: &UserPath, target: &DispatchTargetExtId) -> Update {
    let has_room = Condition::NumberBelow(CREDENTIALS, MAX_CREDENTIALS);
    Update::internal(key(user, target), has_room).increment(CREDENTIALS)
}

/// Returns the error for a dispatch target that does not exist.
fn missing(user: &UserPath, target: &DispatchTargetExtId, client_name: &str) -> ApiError {
    let user = &user.user;
    ApiError::NotFound(format!(
        "No DispatchTarget found with extId '{target}' for user with extId '{user}' on client with name '{client_name}'"
    ))
}

/// Returns examples of the errors of an operation on a dispatch target.
fn example_failures() -> Vec<ApiError> {
    let user = UserPath::example();
    let target = DispatchTargetExtId::unchecked("dt-123");
    vec![user.missing("Default"), missing(&user, &target, "Default")]
}

impl DispatchTarget {
    /// Adds the dispatch target of a user and its app attestation to a transaction, and reserves its extId.
    ///
    /// Returns the indexes of the dispatch target and of the reservation.
    pub fn create(
        &self,
        user: &UserPath,
        attestation: Option<&AppAttestation>,
        transaction: &mut Transaction,
    ) -> (ActionIndex, ActionIndex) {
        let item = user.new_item(&key(user, &self.ext_id), ENTITY_TYPE).with_number(CREDENTIALS, 0);
        let created = transaction.create(self.store(item));
        let reservation = user
            .new_item(&id_key(&user.client, &self.ext_id), "DispatchTargetExtId")
            .with_text("extId", self.ext_id.as_str())
            .with_text("owner", &user.partition());
        let reserved = transaction.create(reservation);
        if let Some(attestation) = attestation {
            let item = user
                .new_item(&app_attestation_key(user, &self.ext_id), AppAttestation::ENTITY_TYPE)
                .with_text("extId", self.ext_id.as_str());
            transaction.create(attestation.store(item));
        }
        (created, reserved)
    }
}

impl AppAttestation {
    /// The entity type of an app attestation's item.
    pub const ENTITY_TYPE: &str = "AppAttestation";
}
