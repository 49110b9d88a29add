//! Consents of users to versions of terms. A withdrawal keeps the consent as one that was withdrawn.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;

use shared::clock::Timestamp;
use shared::entity::Entity as _;
use shared::entity::schema::ObjectSchema;
use shared::error::ApiError;
use shared::http::Request;
use shared::service::Subject;
use shared::table::{ActionIndex, Condition, Item, Key, TableError, Transaction};

use crate::terms::{TermsExtId, TermsVersion};
use crate::users::{self, UserPath};

/// The entity type of a consent's item.
pub const ENTITY_TYPE: &str = "Consent";
/// The prefix of the sort keys of consents.
pub const SK_PREFIX: &str = "CONSENT#";
/// The prefix of the sort keys of consents and of withdrawn consents.
const ANY_PREFIX: &str = "CONSENT";

shared::entity! {
    /// The consent of a user to a version of the terms.
    pub struct Consent {
        terms: TermsExtId = "termsExtId", "External identifier of the terms.", disclosed;
        version: TermsVersion = "termsVersion", "Version of the terms at the time of the consent.", disclosed;
        acceptance_date: Timestamp = "acceptanceDate", "Time of the consent.", disclosed;
        withdrawal_date: Option<Timestamp> = "withdrawalDate", "Time of the withdrawal, if it was withdrawn.", disclosed;
    }
}

/// A consent in a response.
const CONSENT: ObjectSchema = ObjectSchema {
    name: "Consent",
    description: "The consent of a user to a version of the terms.",
    parts: &[Consent::SHOWN],
};

/// The example of one in a response.
const EXAMPLE: &str = r#"{
    "termsExtId": "terms-123",
    "termsVersion": "1",
    "acceptanceDate": "2026-01-01T00:00:00Z"
}"#;

/// Returns the consent of a request's path: the terms and their version.
fn of(request: &Request) -> (TermsExtId, TermsVersion) {
    let terms = TermsExtId::unchecked(request.parameter("termsExtId"));
    (terms, TermsVersion::unchecked(request.parameter("termsVersion")))
}

/// Returns the key of a consent.
#[must_use]
pub fn key(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> Key {
    user.member_key(&["CONSENT", &terms.key_part(), &version.key_part()])
}

/// Returns the beginning of the sort keys of the withdrawn consents to a version of the terms.
fn withdrawn_prefix(terms: &TermsExtId, version: &TermsVersion) -> String {
    format!("CONSENT_WITHDRAWN#{}#{}#", terms.key_part(), version.key_part())
}

/// The user of the path, who owns the consents.
pub const SUBJECT: Subject =
    users::subject(|request, client_name| user_missing(&UserPath::of(request), client_name));

/// Returns the error for a user that does not exist. Unlike elsewhere, its message ends with a full stop.
fn user_missing(user: &UserPath, client_name: &str) -> ApiError {
    ApiError::NotFound(format!("{}.", user.missing_message(client_name)))
}

impl Consent {
    /// Returns its key.
    #[must_use]
    pub fn key(&self, user: &UserPath) -> Key {
        match self.withdrawal_date {
            None => key(user, &self.terms, &self.version),
            Some(withdrawn) => {
                let prefix = withdrawn_prefix(&self.terms, &self.version);
                user.member_key(&[&format!("{prefix}{withdrawn}#{}", self.acceptance_date)])
            }
        }
    }

    /// Returns what a list of the consents of a user is ordered by.
    fn order(&self) -> (&TermsExtId, &TermsVersion, Timestamp) {
        (&self.terms, &self.version, self.acceptance_date)
    }

    /// Adds the consent of a user to a transaction.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(user.new_item(&self.key(user), ENTITY_TYPE)))
    }

    /// Adds the withdrawal of the consent of an item to a transaction. Returns the index of its condition that the
    /// item is as it was read.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no history.
    fn withdraw(
        self,
        item: &Item,
        user: &UserPath,
        transaction: &mut Transaction,
    ) -> Result<ActionIndex, TableError> {
        transaction.require(user.key());
        let deleted = transaction.delete_object(item)?;
        let withdrawn = Self { withdrawal_date: Some(transaction.stamp().now), ..self };
        let kept = user.new_item(&withdrawn.key(user), ENTITY_TYPE).with_history_of(item)?;
        // Two consents that were accepted and withdrawn in the same moments are the same fact.
        transaction.put(withdrawn.store(kept), Condition::Any);
        Ok(deleted)
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
            withdrawal_date: None,
        }
    }
}

/// Returns the error for a consent that does not exist.
fn missing(user: &UserPath, (terms, version): &(TermsExtId, TermsVersion)) -> ApiError {
    ApiError::NotFound(format!("{} doesn't exist.", title(user, terms, version)))
}

/// Returns examples of the errors of an operation on a consent.
fn example_failures() -> Vec<ApiError> {
    let (user, Consent { terms, version, .. }) = (UserPath::example(), Consent::example());
    vec![user_missing(&user, "Default"), missing(&user, &(terms, version))]
}

/// Returns the name of a consent in messages.
fn title(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> String {
    let user = &user.user;
    format!("A consent for userExtId: '{user}', termsExtId: '{terms}' and termsVersion: '{version}'")
}
