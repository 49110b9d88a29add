//! Consents of users to versions of terms.

pub mod create;
pub mod get;
pub mod list;

use shared::clock::Timestamp;
use shared::entity::Entity as _;
use shared::entity::schema::ObjectSchema;
use shared::error::ApiError;
use shared::service::Subject;
use shared::table::{ActionIndex, Key, Transaction};

use crate::terms::{TermsExtId, TermsVersion};
use crate::users::{self, UserPath};

/// The entity type of a consent's item.
pub const ENTITY_TYPE: &str = "Consent";
/// The prefix of the sort keys of consents.
pub const SK_PREFIX: &str = "CONSENT#";

shared::entity! {
    /// The consent of a user to a version of the terms.
    pub struct Consent {
        terms: TermsExtId = "termsExtId", "External identifier of the terms.";
        version: TermsVersion = "termsVersion", "Version of the terms at the time of the consent.";
        acceptance_date: Timestamp = "acceptanceDate", "Time of the consent.";
    }
}

/// A consent in a response.
const CONSENT: ObjectSchema = ObjectSchema {
    name: "Consent",
    description: "The consent of a user to a version of the terms.",
    parts: &[Consent::SHOWN],
};

/// Returns the key of a consent.
#[must_use]
pub fn key(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> Key {
    user.member_key(&["CONSENT", &terms.key_part(), &version.key_part()])
}

/// The user of the path, who owns the consents.
pub const SUBJECT: Subject =
    users::subject(|request, client_name| user_missing(&UserPath::of(request), client_name));

/// Returns the error for a user that does not exist. Unlike elsewhere, its message ends with a full stop.
fn user_missing(user: &UserPath, client_name: &str) -> ApiError {
    ApiError::NotFound(format!("{}.", user.missing_message(client_name)))
}

impl Consent {
    /// Adds the consent of a user to a transaction.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> ActionIndex {
        let item = user.new_item(&key(user, &self.terms, &self.version), ENTITY_TYPE);
        transaction.create(self.store(item))
    }

    /// Returns the error for a consent that already exists.
    #[must_use]
    pub fn duplicate(&self, user: &UserPath) -> ApiError {
        ApiError::Duplicate(format!("{} already exists.", title(user, &self.terms, &self.version)))
    }

    /// Returns the consent of the examples.
    pub(crate) fn example() -> Self {
        Self {
            terms: TermsExtId::unchecked("terms-123"),
            version: TermsVersion::unchecked("1"),
            acceptance_date: Timestamp::UNIX_EPOCH,
        }
    }
}

/// Returns the name of a consent in messages.
fn title(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> String {
    let user = &user.user;
    format!("A consent for userExtId: '{user}', termsExtId: '{terms}' and termsVersion: '{version}'")
}
