//! FIDO UAF authenticators: credentials with keys on a user's devices. One can point to the dispatch target of its
//! device.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod list_of_client;
pub mod update;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{
    self, Entity as _, FieldValue, Fields, Fixed, NonEmptyText, OrDefault, Remark, Text, Validity,
};
use shared::error::{ApiError, Code};
use shared::http::Request;
use shared::ids::{ClientExtId, ExtId, UserExtId, sha256_hex};
use shared::table::{ActionIndex, Condition, FailedConditions, Item, Key, TableError, Transaction, Update};

use crate::dispatch_targets::{
    self, AppAttestation, DispatchTarget, DispatchTargetExtId, NEW_DISPATCH_TARGET, count_credential,
    uncount_credential,
};
use crate::users::{OF_USER, USER_EXT_ID, UserPath};

/// The entity type of an authenticator's item.
pub const ENTITY_TYPE: &str = "FidoUafCredential";
/// The prefix of the sort keys of authenticators.
pub const SK_PREFIX: &str = "CREDENTIAL#FIDO_UAF#";
/// The maximum number of authenticators of a user.
pub const MAX_AUTHENTICATORS: usize = 200;
/// The maximum number of characters of an application's identifier.
const MAX_APP_ID: usize = 1000;
/// The pattern of a key identifier: base64url without padding, whose last character has no further bits.
const KEY_ID: &str = "^([A-Za-z0-9_-]{4}){0,682}([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])$|^([A-Za-z0-9_-]{4}){1,682}$";
/// The maximum number of bytes of a key identifier.
const MAX_KEY_ID: usize = 2048;
/// The beginning of the sort keys of the entries in the list of a client.
const ENTRY_PREFIX: &str = "FIDO_UAF#";
/// The member with the extId of the dispatch target.
const DISPATCH_TARGET_EXT_ID: &str = "dispatchTargetExtId";
/// The member of a creation with a dispatch target to create.
const DISPATCH_TARGET: &str = "dispatchTarget";
/// The member with the number of signatures, which the service sets.
pub(crate) const SIGN_COUNTER: &str = "signCounter";
/// The member with the state.
const STATE: &str = "stateName";

/// Marks the identifiers of FIDO UAF authenticators.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FidoUafCredentialKind {}

/// The external identifier of a FIDO UAF authenticator, unique within the user.
pub type FidoUafCredentialExtId = ExtId<FidoUafCredentialKind>;

shared::names! {
    /// The state of a FIDO UAF authenticator.
    #[derive(Default)]
    pub enum FidoUafState {
        /// In use.
        #[default]
        Active = "active",
        /// Not in use, and can be activated again.
        Disabled = "disabled",
    }
}

shared::names! {
    /// How the manufacturer attested the key.
    pub enum AttestationType {
        /// Basic attestation, verified.
        FullBasic = "fullBasic",
        /// Basic attestation, verified where possible.
        FullBasicPermissive = "fullBasicPermissive",
        /// Basic attestation that could not be verified.
        FailedFullBasicPermissive = "failedFullBasicPermissive",
        /// Attestation by the key itself.
        SurrogateBasic = "surrogateBasic",
        /// Elliptic curve direct anonymous attestation.
        Ecdaa = "ecdaa",
    }
}

shared::entity! {
    /// A FIDO UAF authenticator. What its registration determined cannot be changed.
    pub struct FidoUafCredential [
        ext_id: FidoUafCredentialExtId = "extId", "External identifier, unique within the user."
    ] {
        aaid: Fixed<Aaid> = "aaid", "Model of the authenticator: vendor, `#` and model, each as four hexadecimal digits.", disclosed;
        key_id: Fixed<KeyId> = "keyId", "Identifier of the key on the authenticator: at most 2048 bytes in unpadded base64url. Unique within the client together with `aaid`.", disclosed;
        authenticator_version: AuthenticatorVersion = "authenticatorVersion", "Version of the authenticator, such as `1.0`.", disclosed;
        public_key: Fixed<NonEmptyText> = "publicKey", "Public key.";
        public_key_algorithm: Fixed<PublicKeyAlgorithm> = "publicKeyAlgorithm", "Algorithm of the public key.", disclosed;
        app_id: Fixed<AppId> = "appId", "Application for which the key is registered.", disclosed;
        device_id: Option<Text<1, 255>> = "deviceId", "Identifier of the device.", disclosed;
        state: OrDefault<FidoUafState> = "stateName", "State. The default is `active`.", disclosed;
        attestation_type: Fixed<Option<AttestationType>> = "attestationType", "Attestation of the key.", disclosed;
        validity: Validity = "validity", "Period in which the authenticator is valid.", disclosed;
        dispatch_target: Option<DispatchTargetExtId> = "dispatchTargetExtId", "Dispatch target of the device, one of the user's.", disclosed;
        modification_comment: Option<Remark> = "modificationComment", "Comment on the last change.", disclosed;
    }
}

shared::texts! {
    /// The model of an authenticator. Letter case does not count.
    pub struct Aaid: FieldKind::Pattern("^[0-9A-Fa-f]{4}#[0-9A-Fa-f]{4}$"), |text, _| {
        let is_part = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        text.split_once('#').is_some_and(|(vendor, model)| is_part(vendor) && is_part(model))
    }, Code::CredentialFidoUafInvalidAaidFormat;
}

shared::texts! {
    /// The identifier of a key.
    pub struct KeyId: FieldKind::Pattern(KEY_ID), |text, _| {
        URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() <= MAX_KEY_ID)
    }, Code::CredentialFidoUafInvalidKeyIdFormat;
}

shared::texts! {
    /// The version of an authenticator: two numbers.
    pub struct AuthenticatorVersion: FieldKind::Pattern("^[0-9]{1,5}\\.[0-9]{1,5}$"), |text, _| {
        let is_number =
            |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
    }, Code::CredentialFidoUafInvalidAuthVersionFormat;
}

shared::texts! {
    /// The name of an algorithm.
    pub struct PublicKeyAlgorithm: FieldKind::Pattern("^[!-~]{1,256}$"), |text, _| {
        text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic())
    }, Code::CredentialFidoUafInvalidPublicKeyAlgorithm;
}

/// The identifier of an application. An empty one has an error code of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppId(Text<0, MAX_APP_ID>);

impl FieldValue for AppId {
    const KIND: FieldKind = FieldKind::Text { min: 1, max: MAX_APP_ID };

    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        let text: Text<0, MAX_APP_ID> = FieldValue::read(fields, name);
        if text.is_empty() {
            fields.break_rule(Code::CredentialFidoUafEmptyAppId, format!("Empty {name}"));
        }
        Self(text)
    }

    shared::stored_as_its_value!();
}

impl From<&str> for AppId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

/// The request body to create an authenticator.
const NEW_FIDO_AUTHENTICATOR: ObjectSchema = ObjectSchema {
    name: "NewFidoAuthenticator",
    description: "A FIDO UAF authenticator to create.",
    parts: &[
        &[NEW_EXT_ID],
        FidoUafCredential::BODY,
        &[Field::optional(
            DISPATCH_TARGET,
            FieldKind::Object(&NEW_DISPATCH_TARGET),
            "Dispatch target to create with it, instead of `dispatchTargetExtId`.",
        )],
    ],
};

/// The members of an authenticator in a response, besides its identifiers and history.
pub(crate) const SHOWN: [&[Field]; 2] = [
    FidoUafCredential::SHOWN,
    &[Field::required(SIGN_COUNTER, FieldKind::UnsignedInteger, "Number of signatures.")],
];

/// An authenticator in a response.
const FIDO_AUTHENTICATOR: ObjectSchema = ObjectSchema {
    name: "FidoAuthenticator",
    description: "A credential with a key on a device of a user.",
    parts: &[&[EXT_ID, OF_USER], SHOWN[0], SHOWN[1], HISTORY],
};

/// The example of a new one in a response.
const EXAMPLE: &str = r#"{
    "extId": "uaf-1",
    "userExtId": "user-123",
    "aaid": "ABCD#0001",
    "keyId": "a2V5LTE",
    "authenticatorVersion": "1.0",
    "publicKey": "public-key-1",
    "publicKeyAlgorithm": "SHA256withECDSA",
    "appId": "app",
    "stateName": "active",
    "signCounter": 0,
    "created": "2026-01-01T00:00:00Z",
    "lastModified": "2026-01-01T00:00:00Z",
    "version": 0
}"#;

/// Returns the key of a user's authenticator.
#[must_use]
pub fn key(user: &UserPath, authenticator: &FidoUafCredentialExtId) -> Key {
    user.member_key(&["CREDENTIAL", "FIDO_UAF", &authenticator.key_part()])
}

/// Returns the partition of the authenticators of a client.
fn directory(client: &ClientExtId) -> String {
    format!("CLIENT#{}#FIDO_UAF", client.key_part())
}

/// Returns the key that reserves the model and the key of an authenticator within the client. It is also the entry in
/// the list of the client's authenticators.
#[must_use]
pub fn directory_key(client: &ClientExtId, aaid: &str, key_id: &str) -> Key {
    // An identifier of a key can be longer than a sort key.
    let model = aaid.to_ascii_uppercase();
    Key::new(&[&directory(client)], &[&format!("{ENTRY_PREFIX}{model}#{}", sha256_hex(key_id))])
}

/// Returns the authenticator of a request's path.
fn of(request: &Request) -> FidoUafCredentialExtId {
    FidoUafCredentialExtId::unchecked(request.parameter("fidoAuthenticatorExtId"))
}

/// Returns the error for an authenticator that does not exist.
fn missing(authenticator: &FidoUafCredentialExtId) -> ApiError {
    ApiError::NotFound(format!("FidoUafCredential doesn't exist with extId '{authenticator}'"))
}

/// Returns the error for an authenticator whose external identifier is in use.
#[must_use]
pub fn duplicate(authenticator: &FidoUafCredentialExtId) -> ApiError {
    ApiError::Duplicate(format!("FidoUafCredential already exists with extId '{authenticator}'"))
}

/// Returns the error for a key that is registered already.
fn not_unique(aaid: &str, key_id: &str) -> ApiError {
    let message = format!("FidoUafCredential already exists with aaid '{aaid}' and keyId '{key_id}'");
    ApiError::Rules(vec![(Code::CredentialFidoUafNotUnique, message)])
}

/// Returns the error for a user who has the maximum number of authenticators.
fn too_many(user: &UserExtId) -> ApiError {
    ApiError::InvalidData(format!(
        "User has the maximum of {MAX_AUTHENTICATORS} FIDO UAF authenticators: {user}"
    ))
}

/// Returns an authenticator as lists show it.
pub(crate) fn show(item: &Item) -> Result<Value, TableError> {
    let mut shown = entity::show::<FidoUafCredential>(item)?;
    complete(item, &mut shown)?;
    Ok(shown)
}

/// Adds the members of an authenticator that are not among its fields.
fn complete(item: &Item, body: &mut Value) -> Result<(), TableError> {
    item.complete(body, &[USER_EXT_ID])?;
    body[SIGN_COUNTER] = item.number(SIGN_COUNTER)?.into();
    Ok(())
}

/// A dispatch target that is created with an authenticator.
type NewTarget = (DispatchTarget, Option<AppAttestation>);

/// The indexes of the conditions under which an authenticator is created.
#[derive(Clone, Debug)]
pub struct Created {
    /// The authenticator does not exist.
    pub authenticator: ActionIndex,
    /// Its key is not registered, with the failure if it is.
    pub registration: (ActionIndex, ApiError),
    /// Its dispatch target exists and has fewer credentials than the maximum.
    pub counted: Option<Counted>,
}

impl Created {
    /// Returns the failure of the first of these conditions that failed. `authenticator` is the extId, and `missing`
    /// the failure of a dispatch target that does not exist.
    fn failure(
        self,
        failed: &FailedConditions,
        authenticator: &FidoUafCredentialExtId,
        missing: impl FnOnce(&DispatchTargetExtId) -> ApiError,
    ) -> Option<ApiError> {
        if let Some(failure) = self.counted.and_then(|counted| counted.failure(failed, missing)) {
            return Some(failure);
        }
        if failed.at(self.authenticator).is_some() {
            return Some(duplicate(authenticator));
        }
        let (index, not_unique) = self.registration;
        failed.at(index).map(|_| not_unique)
    }
}

/// The index of the condition that a dispatch target exists and has fewer credentials than the maximum.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The index.
    pub index: ActionIndex,
    /// The dispatch target.
    pub target: DispatchTargetExtId,
}

impl Counted {
    /// Adds the count of a further credential to a transaction.
    fn add(user: &UserPath, target: &DispatchTargetExtId, transaction: &mut Transaction) -> Self {
        let index = transaction.update(count_credential(user, target));
        Self { index, target: target.clone() }
    }

    /// Returns the failure, if the condition failed. `missing` is that of a target that does not exist.
    fn failure(
        &self,
        failed: &FailedConditions,
        missing: impl FnOnce(&DispatchTargetExtId) -> ApiError,
    ) -> Option<ApiError> {
        let condition = failed.at(self.index)?;
        let is_missing = condition.item.is_none();
        let full = dispatch_targets::too_many_credentials;
        Some(if is_missing { missing(&self.target) } else { full(&self.target) })
    }
}

impl FidoUafCredential {
    /// Reads a new authenticator from a request body, and the dispatch target to create with it. `new_id` generates
    /// an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(
        mut fields: Fields<'_>,
        new_id: impl Fn() -> String,
    ) -> Result<(Self, Option<NewTarget>), ApiError> {
        let ext_id = fields.ext_id_or("extId", &new_id);
        let mut authenticator = Self::read(&mut fields, (ext_id,));
        let target = entity::read_object_with(&mut fields, DISPATCH_TARGET, |fields| {
            DispatchTarget::read_members(fields, &new_id)
        });
        if let Some((target, _)) = &target {
            if authenticator.dispatch_target.is_some() {
                fields.refuse(DISPATCH_TARGET_EXT_ID);
            }
            authenticator.dispatch_target = Some(target.ext_id.clone());
        }
        fields.finish()?;
        Ok((authenticator, target))
    }

    /// Adds the authenticator of a user to a transaction and registers its key. Counts it at its dispatch target,
    /// unless the transaction creates that too.
    pub fn create(&self, user: &UserPath, is_new_target: bool, transaction: &mut Transaction) -> Created {
        let item = user.new_item(&key(user, &self.ext_id), ENTITY_TYPE).with_number(SIGN_COUNTER, 0);
        let authenticator = transaction.create(self.store(item));
        let (aaid, key_id) = (&*self.aaid.0, &*self.key_id.0);
        let entry = user.new_item(&directory_key(&user.client, aaid, key_id), "FidoUafKey");
        let registered = transaction.create(entry.with_text("extId", self.ext_id.as_str()));
        let target = self.dispatch_target.as_ref().filter(|_| !is_new_target);
        Created {
            authenticator,
            registration: (registered, not_unique(aaid, key_id)),
            counted: target.map(|target| Counted::add(user, target, transaction)),
        }
    }

    /// Adds the change of an authenticator from `present` to a transaction, whose item is `item`, and counts it at
    /// another dispatch target.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<(Option<ActionIndex>, Option<Counted>), TableError> {
        let updated = transaction.update_item(item, (present, self), |update| update)?;
        if present.dispatch_target == self.dispatch_target {
            return Ok((updated, None));
        }
        present.uncount(user, transaction);
        let target = self.dispatch_target.as_ref();
        Ok((updated, target.map(|target| Counted::add(user, target, transaction))))
    }

    /// Adds the deletion of an authenticator, whose item is `item`, to a transaction. Releases its key.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no key or revision.
    fn delete(
        &self,
        item: &Item,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, TableError> {
        let deleted = transaction.delete_object(item)?;
        transaction.delete(directory_key(&user.client, &self.aaid.0, &self.key_id.0), Condition::Exists);
        self.uncount(user, transaction);
        Ok(deleted)
    }

    /// Adds the deletion of an authenticator, whose item is `item`, to a transaction. Releases its key. All dispatch
    /// targets of the user are deleted too.
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
        transaction.delete(directory_key(&user.client, &self.aaid.0, &self.key_id.0), Condition::Any);
        Ok(())
    }

    /// Adds an update to a transaction that no longer counts the credential at its dispatch target.
    fn uncount(&self, user: &UserPath, transaction: &mut Transaction) {
        if let Some(target) = &self.dispatch_target {
            transaction.update(uncount_credential(user, target));
        }
    }

    /// Adds an update to a transaction that removes the credential's reference to a dispatch target.
    pub fn clear_dispatch_target(
        &self,
        user: &UserPath,
        target: &DispatchTargetExtId,
        transaction: &mut Transaction,
    ) -> ActionIndex {
        let points_to_it = Condition::Text(DISPATCH_TARGET_EXT_ID, target.to_string());
        transaction.update(Update::new(key(user, &self.ext_id), points_to_it).remove(DISPATCH_TARGET_EXT_ID))
    }
}

/// Returns examples of the errors of an operation on an authenticator.
fn example_failures() -> Vec<ApiError> {
    vec![UserPath::example().missing("Default"), missing(&FidoUafCredentialExtId::unchecked("uaf-1"))]
}

/// Returns examples of the errors of members with a wrong format: of a change or, with those of the registration, of
/// a creation.
fn example_formats(is_new: bool) -> Vec<ApiError> {
    let of_registration = [
        (Code::CredentialFidoUafInvalidAaidFormat, "Invalid format of aaid"),
        (Code::CredentialFidoUafInvalidKeyIdFormat, "Invalid format of keyId"),
        (Code::CredentialFidoUafInvalidPublicKeyAlgorithm, "Invalid format of publicKeyAlgorithm"),
        (Code::CredentialFidoUafEmptyAppId, "Empty appId"),
    ];
    let version = (Code::CredentialFidoUafInvalidAuthVersionFormat, "Invalid format of authenticatorVersion");
    let broken = of_registration.into_iter().filter(|_| is_new).chain([version]);
    let mut failures =
        vec![ApiError::InvalidName { kind: "FidoUafState", value: "invalid_state".to_owned() }];
    failures.extend(broken.map(|(code, message)| ApiError::Rules(vec![(code, message.to_owned())])));
    failures
}
