//! Consents: that a user accepted terms in a version, and when.

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

/// The kind of a consent's item.
pub const ENTITY_TYPE: &str = "Consent";
/// What the sort keys of consents begin with.
pub const SK_PREFIX: &str = "CONSENT#";

shared::entity! {
    /// A consent of a user to terms in a version.
    pub struct Consent {
        terms: TermsExtId = "termsExtId", "The terms.";
        version: TermsVersion = "termsVersion", "Their version at the time of the consent.";
        acceptance_date: Timestamp = "acceptanceDate", "Time of the consent.";
    }
}

/// A consent in responses.
const CONSENT: ObjectSchema = ObjectSchema {
    name: "Consent",
    description: "A consent of a user to terms in a version.",
    parts: &[Consent::SHOWN],
};

/// The key of a consent.
#[must_use]
pub fn key(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> Key {
    user.member_key(&["CONSENT", &terms.key_part(), &version.key_part()])
}

/// The user of the path, whom the consents belong to.
pub const SUBJECT: Subject =
    users::subject(|request, client_name| user_missing(&UserPath::of(request), client_name));

/// Returns the failure of a request whose user does not exist: as elsewhere, with a full stop.
fn user_missing(user: &UserPath, client_name: &str) -> ApiError {
    ApiError::NotFound(format!("{}.", user.missing_message(client_name)))
}

impl Consent {
    /// Adds the consent of a user to a transaction.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> ActionIndex {
        let item = user.new_item(&key(user, &self.terms, &self.version), ENTITY_TYPE);
        transaction.create(self.store(item))
    }

    /// Returns the failure of a request to create the consent of a user who has given it already.
    #[must_use]
    pub fn duplicate(&self, user: &UserPath) -> ApiError {
        ApiError::Duplicate(format!("{} already exists.", title(user, &self.terms, &self.version)))
    }

    /// The consent of the examples.
    fn example() -> Self {
        Self {
            terms: TermsExtId::unchecked("terms-123"),
            version: TermsVersion::unchecked("1"),
            acceptance_date: Timestamp::UNIX_EPOCH,
        }
    }
}

/// Names a consent in messages.
fn title(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> String {
    let user = &user.user;
    format!("A consent for userExtId: '{user}', termsExtId: '{terms}' and termsVersion: '{version}'")
}
