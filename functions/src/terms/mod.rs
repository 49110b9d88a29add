//! Terms: what users consent to. They stand above clients.

use std::collections::BTreeMap;

use shared::error::{ApiError, Missing};
use shared::ids::ExtId;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

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

/// Terms in the version that users consent to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What they are named by.
    pub ext_id: TermsExtId,
    /// What they are called.
    pub name: String,
    /// Whether they are in force.
    pub active: bool,
    /// Whether using the service is consent enough.
    pub silent_acceptance: bool,
    /// The version now.
    pub version: TermsVersion,
    /// Where they can be read, by language.
    pub urls: BTreeMap<String, String>,
}

/// The key of terms.
#[must_use]
pub fn key(terms: &TermsExtId) -> Key {
    Key::new(&["TERMS", &terms.key_part()], &["TERMS"])
}

/// The failure of a request whose terms are not there.
#[must_use]
pub fn missing(terms: &TermsExtId) -> ApiError {
    ApiError::NotFound(Missing::Terms { terms: terms.to_string() })
}

impl Terms {
    /// Reads terms from their item.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] when the item is none.
    pub fn from_item(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            ext_id: TermsExtId::unchecked(item.text("extId")?),
            name: item.text("name")?.to_owned(),
            active: item.flag("active")?,
            silent_acceptance: item.flag("silentAcceptance")?,
            version: TermsVersion::unchecked(item.text(VERSION)?),
            urls: item.texts("urls")?,
        })
    }

    /// Adds the terms to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let item = NewItem::new(&key(&self.ext_id), ENTITY_TYPE)
            .with_text("extId", self.ext_id.as_str())
            .with_text("name", &self.name)
            .with_flag("active", self.active)
            .with_flag("silentAcceptance", self.silent_acceptance)
            .with_text(VERSION, self.version.as_str())
            .with_texts("urls", &self.urls);
        transaction.create(item)
    }
}
