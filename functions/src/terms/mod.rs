//! Terms to which users consent. Terms do not belong to a client.

pub mod create;
pub mod get;
pub mod list;
pub mod list_pending;
pub mod update;

use shared::entity::schema::{EXT_ID, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{Changed, Entity, Fields, Fixed, LocalizedUrls, NewExtId, NonEmptyText};
use shared::error::ApiError;
use shared::ids::ExtId;
use shared::table::{ActionIndex, Item, Key, NewItem, TableError, Transaction};

/// The entity type of the item of terms.
pub const ENTITY_TYPE: &str = "Terms";
/// The entity type of a version that terms have or had.
pub const VERSION_ENTITY_TYPE: &str = "TermsVersion";
/// The attribute that contains the version of terms.
pub const VERSION: &str = "termsVersion";
/// The list of all terms: the partition of its entries, and the prefix of their sort keys.
const DIRECTORY: (&str, &str) = ("TERMS", "TERMS#");

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
        name: NonEmptyText = "name", "Name.", disclosed;
        active: bool = "active", "Whether the terms are in force.", disclosed;
        silent_acceptance: Fixed<bool> =
            "silentAcceptance", "Whether a consent to one version is a consent to all later ones.", disclosed;
        version: NewExtId<VersionKind> = "termsVersion", "Current version.", disclosed;
        urls: LocalizedUrls = "urls", "URLs of the text, by language.", disclosed;
    }
}

shared::entity! {
    /// A version that terms have or had. It is never changed or deleted.
    pub struct KnownVersion {
        terms: TermsExtId = "termsExtId", "External identifier of the terms.", disclosed;
        version: NewExtId<VersionKind> = "termsVersion", "Version of the terms.", disclosed;
    }
}

/// The request body to create terms.
const NEW_TERMS: ObjectSchema =
    ObjectSchema { name: "NewTerms", description: "Terms to create.", parts: &[&[NEW_EXT_ID], Terms::BODY] };

/// Terms in a response.
const TERMS: ObjectSchema = ObjectSchema {
    name: "Terms",
    description: "Terms to which users consent.",
    parts: &[&[EXT_ID], Terms::SHOWN, HISTORY],
};

/// The number of copies of the item of terms and of its entry in the list, which the consents of all users check and
/// read. Together they serve more consents than the 10,000 requests a second that an account can send by default.
pub(crate) const COPIES: u64 = 32;

/// Returns the key of terms.
#[must_use]
pub fn key(terms: &TermsExtId) -> Key {
    Key::copied(COPIES, &["TERMS", &terms.key_part()], &["TERMS"])
}

/// Returns the key of the entry in the list of all terms, a copy of the item of the terms.
#[must_use]
pub fn directory_key(terms: &TermsExtId) -> Key {
    Key::copied(COPIES, &[DIRECTORY.0], &["TERMS", &terms.key_part()])
}

/// Returns the key of a version that terms have or had.
#[must_use]
pub fn version_key(terms: &TermsExtId, version: &TermsVersion) -> Key {
    Key::new(&["TERMS", &terms.key_part()], &["VERSION", &version.key_part()])
}

/// Returns the error for terms that do not exist.
#[must_use]
pub fn missing(terms: &TermsExtId) -> ApiError {
    ApiError::NotFound(format!("Terms doesn't exist with extId '{terms}'"))
}

/// Returns the error for terms that already exist.
#[must_use]
pub fn duplicate(terms: &TermsExtId) -> ApiError {
    ApiError::Duplicate(format!("Terms already exists with extId '{terms}'"))
}

/// Returns the error for a new version that the terms had before.
#[must_use]
pub fn version_used(terms: &TermsExtId, version: &TermsVersion) -> ApiError {
    ApiError::InvalidData(format!("Terms with extId '{terms}' had the version '{version}' before"))
}

impl Terms {
    /// Reads new terms from a request body. `new_id` generates an omitted extId.
    ///
    /// # Errors
    /// The errors of [`Fields::finish`].
    pub fn read_new(mut fields: Fields<'_>, new_id: impl FnOnce() -> String) -> Result<Self, ApiError> {
        let ext_id = fields.ext_id_or("extId", new_id);
        let terms = Self::read(&mut fields, (ext_id,));
        fields.finish()?;
        Ok(terms)
    }

    /// Adds the terms to a transaction, with their entry in the list of all terms and their version.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let created = transaction.create(self.store(NewItem::new(&key(&self.ext_id), ENTITY_TYPE)));
        transaction.create(self.store(NewItem::new(&directory_key(&self.ext_id), "TermsEntry")));
        self.current_version().create(transaction);
        created
    }

    /// Adds the change from `present`, whose item is `item`, to a transaction: the item, its entry in the list of all
    /// terms, and a new version.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if the item has no revision.
    pub fn change(
        &self,
        (present, item): (&Self, &Item),
        transaction: &mut Transaction,
    ) -> Result<Changed, TableError> {
        let updated = transaction.update_item(item, (present, self), |update| update)?;
        transaction.update_copy(directory_key(&self.ext_id), (present, self));
        let version = self.change_version(present, transaction);
        let version = version.map(|index| (index, version_used(&self.ext_id, &self.version.0)));
        Ok(Changed { updated, reserved: version.into_iter().collect() })
    }

    /// Adds the new version to a transaction. Returns its index, or `None` if the version remains that of
    /// `present`.
    fn change_version(&self, present: &Self, transaction: &mut Transaction) -> Option<ActionIndex> {
        (self.version != present.version).then(|| self.current_version().create(transaction))
    }

    fn current_version(&self) -> KnownVersion {
        KnownVersion { terms: self.ext_id.clone(), version: self.version.clone() }
    }
}

impl KnownVersion {
    /// Adds the version to a transaction.
    pub fn create(&self, transaction: &mut Transaction) -> ActionIndex {
        let key = version_key(&self.terms, &self.version.0);
        transaction.create(self.store(NewItem::new(&key, VERSION_ENTITY_TYPE)))
    }
}
