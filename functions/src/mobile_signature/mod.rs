//! Mobile signatures: credentials with which users sign on their phones. A user has at most one.

pub mod create;
pub mod delete;
pub mod get;
pub mod get_properties;
pub mod update;
pub mod update_properties;

use std::collections::BTreeMap;

use fluent_uri::Uri;
use serde_json::Value;
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{Entity as _, Fields, MAX_TEXT, NonEmptyText, OrDefault, Remark};
use shared::error::{ApiError, Code};
use shared::ids::ExtId;
use shared::policy::Settings;
use shared::table::{ActionIndex, Condition, Item, Key, TableError, Transaction, Update};
use x509_cert::Certificate;

use crate::clients;
use crate::credentials::CredentialState;
use crate::properties::Scope;
use crate::properties::values::{Applicable, Conditions, Holder, Values};
use crate::users::{OF_USER, USER_EXT_ID, UserPath};

/// The entity type of a mobile signature's item.
pub const ENTITY_TYPE: &str = "MobileSignature";

shared::entity! {
    /// A mobile signature. Its item also has the [`Values`] of its properties.
    pub struct MobileSignature [
        ext_id: MobileSignatureExtId = "extId", "External identifier, unique within the user."
    ] {
        state: OrDefault<CredentialState> = "stateName", "State. The default is `active`.", disclosed;
        identificator: NonEmptyText = "identificator", "Identifier of the user at the signature service.", disclosed;
        mssp_identifier: MsspIdentifier = "msspIdentifier", "URI of the signature service.", disclosed;
        msisdn: Msisdn = "msisdn", "Phone number, by default as in E.164.", disclosed;
        signer_cert: Option<SignerCert> =
            "signerCert", "Certificate of the signer: one X.509 certificate in PEM. It may have expired.";
        modification_comment: Option<Remark> = "modificationComment", "Comment on the last change.", disclosed;
    }
}

shared::texts! {
    /// The URI of a signature service.
    pub struct MsspIdentifier: FieldKind::Uri, |text, _| {
        text.chars().count() <= MAX_TEXT && Uri::parse(text).is_ok()
    };
}

shared::texts! {
    /// A phone number that matches the configured pattern.
    pub struct Msisdn: FieldKind::PhoneNumber, |text, settings| settings.is_msisdn(text), Code::MsisdnFormat;
}

shared::texts! {
    /// A certificate in PEM. Whether it is valid now is not checked.
    pub struct SignerCert: FieldKind::Text { min: 1, max: MAX_TEXT }, |text, _| {
        let is_one = |certificates: Vec<Certificate>| certificates.len() == 1;
        text.chars().count() <= MAX_TEXT && Certificate::load_pem_chain(text.as_bytes()).is_ok_and(is_one)
    };
}

/// The request body to create a mobile signature.
const NEW_MOBILE_SIGNATURE: ObjectSchema = ObjectSchema {
    name: "NewMobileSignature",
    description: "A mobile signature to create.",
    parts: &[&[NEW_EXT_ID], MobileSignature::BODY],
};

/// The members of a mobile signature in a response, besides its identifiers and history.
pub(crate) const SHOWN: &[Field] = MobileSignature::SHOWN;

/// A mobile signature in a response.
const MOBILE_SIGNATURE: ObjectSchema = ObjectSchema {
    name: "MobileSignature",
    description: "A credential with which a user signs on a phone.",
    parts: &[&[EXT_ID, OF_USER], SHOWN, HISTORY],
};

/// The example of a new one in a response.
const EXAMPLE: &str = r#"{
    "extId": "ms-1",
    "userExtId": "user-123",
    "stateName": "active",
    "identificator": "+41790000000",
    "msspIdentifier": "https://mssp.example.com",
    "msisdn": "+41790000000",
    "created": "2026-01-01T00:00:00Z",
    "lastModified": "2026-01-01T00:00:00Z",
    "version": 0
}"#;

/// The members of responses with the user.
const OWNER: &[&str] = &[USER_EXT_ID];

/// Marks the identifiers of mobile signatures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MobileSignatureKind {}

/// The external identifier of a mobile signature.
pub type MobileSignatureExtId = ExtId<MobileSignatureKind>;

/// The maximum number of properties of a mobile signature. Its deletion releases all of their values in one transaction,
/// which is limited to 100 actions: two entries and the value of each.
pub const MAX_PROPERTIES: usize = 30;

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
        most: Some(MAX_PROPERTIES),
        client: user.client.clone(),
        key: key(user),
    }
}

/// Prepares the patterns that the body of a mobile signature must match.
///
/// # Errors
/// Returns the reason in one line if one is not supported.
fn prepare(settings: &Settings) -> Result<(), String> {
    settings.prepare_naming_policy()?;
    settings.prepare_msisdn_pattern()
}

impl MobileSignature {
    /// Reads a new mobile signature from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(mut fields: Fields<'_>, new_id: impl FnOnce() -> String) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let signature = Self::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(signature)
    }

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

/// Returns a mobile signature as responses show it.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not one of a mobile signature.
pub(crate) fn show(item: &Item) -> Result<Value, TableError> {
    clients::show_with::<MobileSignature>(item, OWNER)
}

/// Returns the error for a user who already has a mobile signature.
fn exists(user: &UserPath) -> ApiError {
    let message = format!("Mobile Signature credential already exists under the user {}", user.user);
    ApiError::Rules(vec![(Code::MobileSignatureExists, message)])
}

/// Returns the error for a phone number that does not match the pattern.
fn example_of_invalid_msisdn() -> ApiError {
    ApiError::Rules(vec![(Code::MsisdnFormat, "Invalid format of msisdn".to_owned())])
}

/// Adds the change of a user's mobile signature and of the values of its properties, whose item is `item`, to a
/// transaction. `present` and `next` are both, before and after it.
///
/// Returns the index of the update of the item, and the conditions of the values.
///
/// # Errors
/// Those of [`Values::change`].
pub fn change(
    [present, next]: [(&MobileSignature, &Values); 2],
    item: &Item,
    (user, defined): (&UserPath, &BTreeMap<String, Applicable>),
    transaction: &mut Transaction,
) -> Result<(ActionIndex, Conditions), TableError> {
    let unchanged = Condition::as_read(item)?;
    let update = next.1.update(present.1, Update::new(key(user), unchanged));
    let updated = transaction.update(next.0.update(present.0, update));
    Ok((updated, next.1.change(present.1, &holder(user), defined, transaction)?))
}

/// Returns the error for a user without a mobile signature.
fn missing(user: &UserPath) -> ApiError {
    ApiError::NotFound(format!("Mobile Signature credential does not exist under the user {}", user.user))
}
