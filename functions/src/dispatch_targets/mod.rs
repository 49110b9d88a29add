//! Dispatch targets: the devices of users that receive messages, and their app attestations.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use serde_json::Value;
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{self, Changed, Entity, Fields, NonEmptyText, OrDefault};
use shared::error::ApiError;
use shared::ids::{ClientExtId, ExtId, UserExtId, sha256_hex};
use shared::table::{ActionIndex, Condition, FailedConditions, Item, Key, TableError, Transaction, Update};

use crate::users::UserPath;

/// The entity type of a dispatch target's item.
pub const ENTITY_TYPE: &str = "DispatchTarget";
/// The beginning of the sort keys of dispatch targets.
pub const SK_PREFIX: &str = "DISPATCH_TARGET#";
/// The beginning of the sort keys of app attestations.
const ATTESTATION_PREFIX: &str = "APP_ATTESTATION#";
/// The maximum number of dispatch targets of a user.
pub const MAX_TARGETS: usize = 200;
/// The maximum number of credentials that point to one dispatch target. Deleting the target updates all of
/// them in one transaction, which is limited to 100 actions.
pub const MAX_CREDENTIALS: u64 = 90;
/// The attribute that counts the credentials that point to a dispatch target.
pub const CREDENTIALS: &str = "credentials";
/// The member with the app attestation.
const ATTESTATION: &str = "appAttestation";

/// Marks the identifiers of dispatch targets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DispatchTargetKind {}

/// The external identifier of a dispatch target, unique within the client.
pub type DispatchTargetExtId = ExtId<DispatchTargetKind>;

shared::names! {
    /// The type of a dispatch target.
    #[derive(Default)]
    pub enum DispatchTargetType {
        /// A device with FIDO UAF credentials.
        #[default]
        FidoUaf = "fido-uaf",
    }
}

shared::names! {
    /// The state of a dispatch target.
    #[derive(Default)]
    pub enum DispatchTargetState {
        /// Messages can be sent to the device.
        #[default]
        Active = "active",
        /// No messages are sent to the device.
        Disabled = "disabled",
    }
}

shared::entity! {
    /// A dispatch target.
    pub struct DispatchTarget [
        ext_id: DispatchTargetExtId = "extId", "External identifier, unique within the client."
    ] {
        target_type: OrDefault<DispatchTargetType> = "type", "Type. The default is `fido-uaf`.", disclosed;
        device_id: NonEmptyText = "deviceId", "Identifier of the device.", disclosed;
        target: NonEmptyText = "target", "Address of the device at the push service.";
        dispatcher: Option<NonEmptyText> = "dispatcher", "Dispatcher of the messages, such as `fcmpush` or `email`.", disclosed;
        user_agent: Option<NonEmptyText> = "userAgent", "User agent of the application on the device.", disclosed;
        encryption_key: Option<NonEmptyText> = "encryptionKey", "Key that encrypts messages to the device.";
        signing_key: NonEmptyText = "signingKey", "Key that signs messages to the device.";
        app_id: NonEmptyText = "appId", "Identifier of the application on the device.", disclosed;
        name: NonEmptyText = "name", "Name that the user gave to the device.", disclosed;
        state: OrDefault<DispatchTargetState> = "stateName", "State. The default is `active`.", disclosed;
        identification: Option<NonEmptyText> = "identification", "Further identification of the device.";
    }
}

shared::entity! {
    /// The device manufacturer's attestation of the application.
    pub struct AppAttestation {
        name: Option<NonEmptyText> = "name", "Name, unique within the user.", disclosed;
        device_id: NonEmptyText = "deviceId", "Identifier of the device.", disclosed;
        receipt: NonEmptyText = "receipt", "Receipt of the manufacturer.";
        public_key: NonEmptyText = "publicKey", "Public key of the application.";
        counter: Option<u64> = "counter", "Number of uses of the key.", disclosed;
        environment: Option<NonEmptyText> = "environment", "Environment of the manufacturer's service.", disclosed;
    }
}

/// The request body to create an app attestation.
pub(crate) const NEW_APP_ATTESTATION: ObjectSchema = ObjectSchema {
    name: "NewAppAttestation",
    description: "An app attestation to create.",
    parts: &[AppAttestation::BODY],
};

/// An app attestation as a member of a dispatch target.
const ATTACHED: ObjectSchema = ObjectSchema {
    name: "AttachedAppAttestation",
    description: "The device manufacturer's attestation of the application.",
    parts: &[AppAttestation::SHOWN],
};

/// The request body to create a dispatch target.
pub(crate) const NEW_DISPATCH_TARGET: ObjectSchema = ObjectSchema {
    name: "NewDispatchTarget",
    description: "A dispatch target to create.",
    parts: &[
        &[NEW_EXT_ID],
        DispatchTarget::BODY,
        &[Field::optional(ATTESTATION, FieldKind::Object(&NEW_APP_ATTESTATION), "App attestation.")],
    ],
};

/// A dispatch target in a response.
const DISPATCH_TARGET: ObjectSchema = ObjectSchema {
    name: "DispatchTarget",
    description: "A device of a user that receives messages.",
    parts: &[
        &[EXT_ID],
        DispatchTarget::SHOWN,
        &[Field::optional(ATTESTATION, FieldKind::Object(&ATTACHED), "App attestation.")],
        HISTORY,
    ],
};

/// The example of a new one in a response.
const EXAMPLE: &str = r#"{
    "extId": "dt-123",
    "type": "fido-uaf",
    "deviceId": "d1",
    "target": "target-1",
    "signingKey": "signing-key-1",
    "appId": "app",
    "name": "Phone",
    "stateName": "active",
    "appAttestation": {
        "deviceId": "d1", "receipt": "receipt-1", "publicKey": "public-key-1", "counter": 0
    },
    "created": "2026-01-01T00:00:00Z",
    "lastModified": "2026-01-01T00:00:00Z",
    "version": 0
}"#;

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

/// Returns the key that reserves the name of an app attestation within the user.
#[must_use]
pub fn attestation_name_key(user: &UserPath, name: &str) -> Key {
    user.member_key(&["APP_ATTESTATION_NAME", &sha256_hex(name)])
}

/// Returns the key that reserves the extId of a dispatch target within the client.
#[must_use]
pub fn id_key(client: &ClientExtId, target: &DispatchTargetExtId) -> Key {
    Key::new(&["DISPATCH_TARGET_ID", &client.key_part(), &target.key_part()], &["DISPATCH_TARGET_ID"])
}

/// Adds the release of the extId of a user's dispatch target to a transaction.
fn release_id(user: &UserPath, target: &DispatchTargetExtId, transaction: &mut Transaction) {
    let own = Condition::AbsentOrText("owner", user.partition());
    transaction.delete(id_key(&user.client, target), own);
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

/// Returns an update that decrements the number of credentials of a dispatch target, to which one of them points.
pub(crate) fn uncount_credential(user: &UserPath, target: &DispatchTargetExtId) -> Update {
    Update::internal(key(user, target), Condition::Exists).decrement(CREDENTIALS)
}

/// Returns the error for a dispatch target that does not exist.
pub(crate) fn missing(user: &UserPath, target: &DispatchTargetExtId, client_name: &str) -> ApiError {
    let user = &user.user;
    ApiError::NotFound(format!(
        "No DispatchTarget found with extId '{target}' for user with extId '{user}' on client with name '{client_name}'"
    ))
}

/// Returns the error for a dispatch target whose external identifier is in use.
#[must_use]
pub fn duplicate(target: &DispatchTargetExtId) -> ApiError {
    ApiError::Duplicate(format!("DispatchTarget already exists with extId '{target}'"))
}

/// Returns the error for an app attestation whose name is in use.
pub(crate) fn duplicate_name(name: &str) -> ApiError {
    ApiError::Duplicate(format!("AppAttestation already exists with name '{name}'"))
}

/// Returns the error for a user who has the maximum number of dispatch targets.
pub(crate) fn too_many(user: &UserExtId) -> ApiError {
    ApiError::InvalidData(format!("User has the maximum of {MAX_TARGETS} dispatch targets: {user}"))
}

/// Returns the error for a dispatch target to which the maximum number of credentials point.
#[must_use]
pub fn too_many_credentials(target: &DispatchTargetExtId) -> ApiError {
    ApiError::InvalidData(format!(
        "DispatchTarget has the maximum of {MAX_CREDENTIALS} credentials: {target}"
    ))
}

/// Returns examples of the errors of an operation on a dispatch target.
pub(crate) fn example_failures() -> Vec<ApiError> {
    let user = UserPath::example();
    let target = DispatchTargetExtId::unchecked("dt-123");
    vec![user.missing("Default"), missing(&user, &target, "Default")]
}

/// Returns the app attestation of an item as a member of a dispatch target.
fn attached(attestation: Option<&Item>) -> Result<(&'static str, Option<Value>), TableError> {
    let attestation = attestation.map(AppAttestation::load).transpose()?;
    Ok((ATTESTATION, attestation.map(|attestation| attestation.show())))
}

/// The indexes of the conditions under which a dispatch target is created.
#[derive(Clone, Debug)]
pub struct Created {
    /// The dispatch target does not exist.
    pub target: ActionIndex,
    /// The external identifier is not in use.
    pub ext_id: ActionIndex,
    /// The name of the app attestation, if it has one, is not in use.
    pub attestation_name: Option<(ActionIndex, ApiError)>,
}

impl Created {
    /// Returns the failure of the first of these conditions that failed. `target` is the extId.
    pub(crate) fn failure(self, failed: &FailedConditions, target: &DispatchTargetExtId) -> Option<ApiError> {
        if [self.target, self.ext_id].iter().any(|index| failed.at(*index).is_some()) {
            return Some(duplicate(target));
        }
        self.attestation_name.filter(|(index, _)| failed.at(*index).is_some()).map(|(_, in_use)| in_use)
    }
}

impl DispatchTarget {
    /// Reads a new dispatch target with its app attestation from a request body. `new_id` generates an omitted
    /// extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(
        mut fields: Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> Result<(Self, Option<AppAttestation>), ApiError> {
        let new = Self::read_members(&mut fields, new_id);
        fields.finish()?;
        Ok(new)
    }

    /// Reads a new dispatch target with its app attestation from the members of an object.
    pub(crate) fn read_members(
        fields: &mut Fields<'_>,
        new_id: impl FnOnce() -> String,
    ) -> (Self, Option<AppAttestation>) {
        let ext_id = fields.ext_id_or("extId", new_id);
        (Self::read(fields, (ext_id,)), entity::read_object(fields, ATTESTATION))
    }

    /// Adds the dispatch target of a user and its app attestation to a transaction, and reserves its extId.
    /// `credentials` is the number of credentials that the transaction creates with a reference to it.
    pub fn create(
        &self,
        user: &UserPath,
        (attestation, credentials): (Option<&AppAttestation>, u64),
        transaction: &mut Transaction,
    ) -> Created {
        let item = user.new_item(&key(user, &self.ext_id), ENTITY_TYPE).with_number(CREDENTIALS, credentials);
        let target = transaction.create(self.store(item));
        let reservation = user
            .new_item(&id_key(&user.client, &self.ext_id), "DispatchTargetExtId")
            .with_text("extId", self.ext_id.as_str())
            .with_text("owner", &user.partition());
        let ext_id = transaction.create(reservation);
        let attestation_name =
            attestation.and_then(|attestation| attestation.create(user, &self.ext_id, transaction).1);
        Created { target, ext_id, attestation_name }
    }

    /// Adds the change of a dispatch target and its app attestation to a transaction. `present` and `items` are both as
    /// they were read.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if an item has no key or revision.
    pub fn change(
        &self,
        attestation: Option<&AppAttestation>,
        present: (&Self, Option<&AppAttestation>),
        items: (&Item, Option<&Item>),
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        let updated = transaction.update_item(items.0, (present.0, self), |update| update)?;
        let reserved = match (present.1.zip(items.1), attestation) {
            (None, None) => None,
            (None, Some(next)) => next.create(user, &self.ext_id, transaction).1,
            (Some((present, item)), None) => {
                transaction.delete_object(item)?;
                present.release_name(user, transaction);
                None
            }
            (Some((present, item)), Some(next)) => {
                transaction.update_item(item, (present, next), |update| update)?;
                next.change_name(present, (user, &self.ext_id), transaction)
            }
        };
        let updated = match updated {
            None if present.1 != attestation => Some(Self::change_attached(items.0, transaction)?),
            updated => updated,
        };
        Ok(Changed { updated, reserved: reserved.into_iter().collect() })
    }

    /// Adds the deletion of the dispatch target, whose item is `item`, to a transaction, and releases its extId. The
    /// user, or all credentials of the user, are deleted too.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub(crate) fn delete_with_user(
        &self,
        item: &Item,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<(), TableError> {
        transaction.delete(item.key()?, Condition::Any);
        release_id(user, &self.ext_id, transaction);
        Ok(())
    }

    /// Adds an update to a transaction that counts a change of the app attestation of a target as one of the target,
    /// which shows it. The target must be as it was read.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub(crate) fn change_attached(
        item: &Item,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, TableError> {
        let as_read = Condition::as_read(item)?;
        Ok(transaction.update(Update::new(item.key()?, as_read)))
    }
}

impl AppAttestation {
    /// The entity type of an app attestation's item.
    pub const ENTITY_TYPE: &str = "AppAttestation";

    /// Adds the app attestation of a dispatch target to a transaction. Returns the index of its creation and, if it
    /// has a name, that of the reservation with the failure if the name is in use.
    pub(crate) fn create(
        &self,
        user: &UserPath,
        target: &DispatchTargetExtId,
        transaction: &mut Transaction,
    ) -> (ActionIndex, Option<(ActionIndex, ApiError)>) {
        transaction.require(user.key());
        let item = user.new_item(&app_attestation_key(user, target), Self::ENTITY_TYPE);
        let created = transaction.create(self.store(item.with_text("extId", target.as_str())));
        (created, self.reserve_name(user, target, transaction))
    }

    /// Reserves the name, if there is one.
    fn reserve_name(
        &self,
        user: &UserPath,
        target: &DispatchTargetExtId,
        transaction: &mut Transaction,
    ) -> Option<(ActionIndex, ApiError)> {
        let name = self.name.as_ref()?;
        transaction.require(user.key());
        let item = user.new_item(&attestation_name_key(user, name), "AppAttestationName");
        let reserved = transaction.create(item.with_text("extId", target.as_str()));
        Some((reserved, duplicate_name(name)))
    }

    /// Adds the deletion of the app attestation, whose item is `item`, to a transaction, and releases its name. The
    /// dispatch target is deleted too.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub(crate) fn delete_with_user(
        &self,
        item: &Item,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<(), TableError> {
        transaction.delete(item.key()?, Condition::Any);
        if let Some(name) = &self.name {
            transaction.delete(attestation_name_key(user, name), Condition::Any);
        }
        Ok(())
    }

    /// Releases the name, if there is one.
    pub(crate) fn release_name(&self, user: &UserPath, transaction: &mut Transaction) {
        if let Some(name) = &self.name {
            transaction.delete(attestation_name_key(user, name), Condition::Exists);
        }
    }

    /// Adds the change of the name from that of `present` to a transaction. Returns the reservation of the new one.
    pub(crate) fn change_name(
        &self,
        present: &Self,
        (user, target): (&UserPath, &DispatchTargetExtId),
        transaction: &mut Transaction,
    ) -> Option<(ActionIndex, ApiError)> {
        if self.name == present.name {
            return None;
        }
        present.release_name(user, transaction);
        self.reserve_name(user, target, transaction)
    }
}
