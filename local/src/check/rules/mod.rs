//! The rules of each type of item, as plain functions from an item to its [`Facts`].

mod clients;
mod deletions;
mod devices;
mod profiles;
mod properties;
mod terms;
mod units;
mod users;

use functions::history::row;
use functions::users::{UserPath, properties as user_properties};
use functions::{
    consents, dispatch_targets, fido_authenticators, mobile_signature, personal_questions, policies,
};
use shared::entity::FieldValue as _;
use shared::ids::{ClientExtId, UserExtId};
use shared::service::idempotency;
use shared::table::item::ENTITY_TYPE;
use shared::table::{Item, Key, TableError, tombstone};

use super::deletions as records;
use super::facts::{Facts, Rule, Tolerance};

/// The attribute with the client to which an item belongs.
const CLIENT: &str = "clientExtId";
/// The attribute with the user to whom an item belongs.
const USER: &str = "userExtId";
/// The attribute with the external identifier.
const EXT_ID: &str = "extId";

/// The entity types of items that have no entity of their own, as they are stored.
mod kinds {
    pub(super) const CLIENT_ENTRY: &str = "ClientEntry";
    pub(super) const CLIENT_NAME: &str = "ClientName";
    pub(super) const TEMPLATE_COLLECTION: &str = "TemplateCollection";
    pub(super) const APPLICATION: &str = "ApplicationAssignment";
    pub(super) const UNIT_ENTRY: &str = "UnitEntry";
    pub(super) const UNIT_NAME: &str = "UnitName";
    pub(super) const USER_ENTRY: &str = "UserEntry";
    pub(super) const LOGIN_ID: &str = "LoginId";
    pub(super) const USER_EMAIL: &str = "UserEmail";
    pub(super) const USER_VALUE: &str = "UserValue";
    pub(super) const PROFILE_ENTRY: &str = "ProfileEntry";
    pub(super) const PROFILE_OF_UNIT: &str = "ProfileOfUnit";
    pub(super) const TERMS_ENTRY: &str = "TermsEntry";
    pub(super) const PROPERTY_ENTRY: &str = "PropertyEntry";
    pub(super) const PROPERTY_ID: &str = "PropertyId";
    pub(super) const PROPERTY_VALUE: &str = "PropertyValue";
    pub(super) const PROPERTY_HOLDER: &str = "PropertyHolder";
    pub(super) const TARGET_ID: &str = "DispatchTargetExtId";
    pub(super) const ATTESTATION_NAME: &str = "AppAttestationName";
    pub(super) const FIDO_KEY: &str = "FidoUafKey";
}

pub(super) use self::properties::entry_of_value;

/// Returns what an item says about itself and expects of other items.
pub(super) fn facts_of(item: &Item) -> Facts {
    match read(item) {
        Ok(facts) => facts,
        Err(_) => Facts::default().with_fault(
            Rule::Corrupt,
            "an attribute is missing or has another type",
            Tolerance::Never,
        ),
    }
}

/// Reads an item by the rules of its type.
///
/// # Errors
/// [`TableError::Corrupt`] if the item is not one of its type.
fn read(item: &Item) -> Result<Facts, TableError> {
    match item.text(ENTITY_TYPE)? {
        functions::clients::ENTITY_TYPE => clients::client(item),
        kinds::CLIENT_ENTRY => clients::entry(item),
        kinds::CLIENT_NAME => clients::name(item),
        policies::ENTITY_TYPE => clients::policy(item),
        kinds::TEMPLATE_COLLECTION | kinds::APPLICATION => Ok(of_client(item)?.below_client()),
        personal_questions::ENTITY_TYPE => clients::question(item),
        functions::units::ENTITY_TYPE => units::unit(item),
        kinds::UNIT_ENTRY => units::entry(item),
        kinds::UNIT_NAME => units::name(item),
        functions::users::ENTITY_TYPE => users::user(item),
        kinds::USER_ENTRY => users::entry(item),
        kinds::LOGIN_ID => users::login_id(item),
        kinds::USER_EMAIL => users::email(item),
        kinds::USER_VALUE => users::value(item),
        functions::profiles::ENTITY_TYPE => profiles::profile(item),
        kinds::PROFILE_ENTRY => profiles::entry(item),
        kinds::PROFILE_OF_UNIT => profiles::of_unit(item),
        functions::terms::ENTITY_TYPE => terms::terms(item),
        functions::terms::VERSION_ENTITY_TYPE => terms::version(item),
        kinds::TERMS_ENTRY => terms::entry(item),
        consents::ENTITY_TYPE => terms::consent(item),
        functions::properties::ENTITY_TYPE => properties::definition(item),
        kinds::PROPERTY_ENTRY | kinds::PROPERTY_ID => properties::copy(item),
        kinds::PROPERTY_VALUE => properties::reservation(item),
        kinds::PROPERTY_HOLDER => properties::holder(item),
        user_properties::ENTITY_TYPE => properties::of_user(item),
        mobile_signature::ENTITY_TYPE => properties::of_mobile_signature(item),
        dispatch_targets::ENTITY_TYPE => devices::target(item),
        kinds::TARGET_ID => devices::target_id(item),
        dispatch_targets::AppAttestation::ENTITY_TYPE => devices::attestation(item),
        kinds::ATTESTATION_NAME => devices::attestation_name(item),
        fido_authenticators::ENTITY_TYPE => devices::authenticator(item),
        kinds::FIDO_KEY => devices::registration(item),
        records::ENTITY_TYPE => deletions::record(item),
        records::ENTRY_TYPE => Ok(deletions::entry()),
        // They expire by themselves, and exist without what they are about.
        idempotency::ENTITY_TYPE | tombstone::ENTITY_TYPE | row::ENTITY_TYPE => Ok(Facts::default()),
        unknown => {
            let text = format!("type {unknown}");
            Ok(Facts::default().with_fault(Rule::UnknownType, &text, Tolerance::Never))
        }
    }
}

/// Returns the user to whom an item belongs.
fn user_of(item: &Item) -> Result<UserPath, TableError> {
    Ok(UserPath { client: ClientExtId::load(item, CLIENT)?, user: UserExtId::load(item, USER)? })
}

/// Returns the facts of an item that belongs to a client.
fn of_client(item: &Item) -> Result<Facts, TableError> {
    Ok(Facts::of_client(&ClientExtId::load(item, CLIENT)?))
}

impl Facts {
    /// Checks that the key of the item is the one that its identifiers result in.
    fn at(self, item: &Item, key: &Key) -> Result<Self, TableError> {
        if item.key()? == *key {
            return Ok(self);
        }
        let found = item.key()?;
        if (found.pk(), found.sk()) == (key.pk(), key.sk()) {
            let text = format!("has {} copies instead of {}", found.copies(), key.copies());
            return Ok(self.with_fault(Rule::Copy, &text, Tolerance::Never));
        }
        let text = format!("its identifiers are those of {} | {}", key.pk(), key.sk());
        Ok(self.with_fault(Rule::Key, &text, Tolerance::Never))
    }

    /// Sets the mark that the item carries.
    fn marked(self, item: &Item) -> Result<Self, TableError> {
        Ok(Self { mark: records::mark_of(item)?, ..self })
    }
}
