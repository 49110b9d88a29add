//! Terms to which users consent. Terms do not belong to a client.

use std::collections::BTreeSet;

use shared::entity::{Entity as _, LocalizedUrls, NonEmptyText};
use shared::error::ApiError;
use shared::ids::ExtId;
use shared::table::{ActionIndex, Key, NewItem, Transaction};

/// The entity type of the item of terms.
pub const ENTITY_TYPE: &str = "Terms";
/// The attribute that contains the version of terms.
pub const VERSION: &str = "termsVersion";

/// Marks the identifiers of terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermsKind {}

/// Marks the versions of terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionKind {}

/// The external identifier of terms.
pub type TermsExtId = ExtId<TermsKind>;
/// A version of terms. It is part of the keys of consents.
pub type TermsVersion = ExtId<VersionKind>;

shared::entity! {
    /// The current version of terms.
    pub struct Terms [ext_id: TermsExtId = "extId", "External identifier."] {
        name: NonEmptyText = "name", "Name.";
        active: bool = "active", "Whether the terms are in force.";
        silent_acceptance: bool = "silentAcceptance", "Whether using the service counts as consent.";
        version: TermsVersion = "termsVersion", "Current version.";
        earlier_versions: BTreeSet<String> = "earlierVersions", "Earlier versions.";
        urls: LocalizedUrls = "urls", "URLs of the text, by language.";
    }
}

/// Returns the key of terms.
#[must_use]
pub fn key(terms: &TermsExtId) -> Key {
    Key::new(&["TERMS", &terms.key_part()], &["TERMS"])
}

/// Returns the error for terms that do not exist.
#[must_use]
pub fn missing(terms: &TermsExtId) -> ApiError {
    ApiError::NotFound(format!("Terms doesn't exist with extId '{terms}'"))
}

impl Terms {
    /// Returns true if this is the current version or an earlier one.
    #[must_use]
    pub fn has_version(&self, version: &TermsVersion) -> bool {
        self.version == *version || self.earlier_versions.contains(version.as_str())
    }

    /// Adds the terms to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        transaction.create(self.store(NewItem::new(&key(&self.ext_id), ENTITY_TYPE)))
    }
}
