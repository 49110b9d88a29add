//! Terms: what users consent to. They stand above clients.

use shared::entity::{Entity as _, LocalizedUrls, NonEmptyText};
use shared::error::ApiError;
use shared::ids::ExtId;
use shared::table::{ActionIndex, Key, NewItem, Transaction};

/// The kind of an item of terms.
pub const ENTITY_TYPE: &str = "Terms";
/// The attribute of the version of terms.
pub const VERSION: &str = "termsVersion";

/// Marks the identifiers of terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermsKind {}

/// Marks the versions of terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionKind {}

/// What terms are named by.
pub type TermsExtId = ExtId<TermsKind>;
/// The version of terms, a part of the keys of consents.
pub type TermsVersion = ExtId<VersionKind>;

shared::entity! {
    /// Terms in their current version.
    pub struct Terms [ext_id: TermsExtId = "extId", "External identifier."] {
        name: NonEmptyText = "name", "Name.";
        active: bool = "active", "Whether they are in force.";
        silent_acceptance: bool = "silentAcceptance", "Whether using the service counts as consent.";
        version: TermsVersion = "termsVersion", "Current version.";
        urls: LocalizedUrls = "urls", "Addresses of the text, by language.";
    }
}

/// The key of terms.
#[must_use]
pub fn key(terms: &TermsExtId) -> Key {
    Key::new(&["TERMS", &terms.key_part()], &["TERMS"])
}

/// The failure of a request whose terms are not there.
#[must_use]
pub fn missing(terms: &TermsExtId) -> ApiError {
    ApiError::NotFound(format!("Terms doesn't exist with extId '{terms}'"))
}

impl Terms {
    /// Adds the terms to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&key(&self.ext_id), ENTITY_TYPE)))
    }
}
