//! Consents: that a user accepted terms in a version, and when.

pub mod create;
pub mod get;
pub mod list;

use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::{ApiError, Missing};
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

use crate::terms::{TermsExtId, TermsVersion};
use crate::users::UserPath;

/// The kind of a consent's item.
pub const ENTITY_TYPE: &str = "Consent";
/// What the sort keys of consents begin with.
pub const SK_PREFIX: &str = "CONSENT#";

/// A consent, as answers show it.
const CONSENT: ObjectSchema = ObjectSchema {
    name: "Consent",
    description: "That a user accepted terms in a version, and when.",
    fields: &[
        Field::required("termsExtId", FieldKind::Text, "The terms."),
        Field::required("termsVersion", FieldKind::Text, "Their version at the moment of the consent."),
        Field::required("acceptanceDate", FieldKind::DateTime, "The moment of the consent."),
    ],
};

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The terms.
    pub terms: TermsExtId,
    /// Their version at the moment of the consent.
    pub version: TermsVersion,
    /// The moment of the consent.
    pub acceptance_date: Timestamp,
}

/// The key of a consent.
#[must_use]
pub fn key(user: &UserPath, terms: &TermsExtId, version: &TermsVersion) -> Key {
    user.member_key(&["CONSENT", &terms.key_part(), &version.key_part()])
}

/// The failure of a request whose user is not there: as elsewhere, with a full stop.
fn user_missing(user: &UserPath, client_name: &str) -> ApiError {
    let (user, client_name) = (user.user.to_string(), client_name.to_owned());
    ApiError::NotFound(Missing::UserOfConsent { user, client_name })
}

impl Consent {
    /// Reads a consent from its item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            terms: TermsExtId::unchecked(item.text("termsExtId")?),
            version: TermsVersion::unchecked(item.text("termsVersion")?),
            acceptance_date: Timestamp::parse(item.text("acceptanceDate")?).ok_or(TableError::Corrupt)?,
        })
    }

    /// Adds the consent of a user to a transaction.
    pub fn create(&self, user: &UserPath, transaction: &mut Transaction) -> ActionIndex {
        let item = NewItem::new(&key(user, &self.terms, &self.version), ENTITY_TYPE)
            .with_text("clientExtId", user.client.as_str())
            .with_text("userExtId", user.user.as_str())
            .with_text("termsExtId", self.terms.as_str())
            .with_text("termsVersion", self.version.as_str())
            .with_text("acceptanceDate", &self.acceptance_date.to_string());
        transaction.create(item)
    }

    /// The consent of the examples that callers are given.
    fn example() -> Self {
        Self {
            terms: TermsExtId::unchecked("terms-123"),
            version: TermsVersion::unchecked("1"),
            acceptance_date: Timestamp::UNIX_EPOCH,
        }
    }

    /// The consent as answers show it.
    fn to_json(&self) -> Value {
        json!({
            "termsExtId": self.terms.as_str(),
            "termsVersion": self.version.as_str(),
            "acceptanceDate": self.acceptance_date.to_string(),
        })
    }
}
