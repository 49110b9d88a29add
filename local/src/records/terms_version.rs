//! `termsVersion`: a version that terms had before.

use functions::terms::{self, KnownVersion, Terms};
use shared::entity::{Entity as _, Fields};
use shared::ids::ClientExtId;
use shared::table::{Item, Key, TableError};

use super::fields::all_members;
use super::kind::{Members, RecordKind};
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

pub(crate) struct TermsVersionRecord(KnownVersion);

impl TermsVersionRecord {
    pub(super) fn read(mut fields: Fields<'_>) -> Result<Self, ImportRefusal> {
        let version = KnownVersion::read(&mut fields, ());
        fields.finish()?;
        Ok(Self(version))
    }

    /// Returns the record, or `None` for the current version, which is part of the record of the terms.
    pub(super) fn of_item(item: &Item, items: &Found) -> Result<Option<Self>, TableError> {
        let version = KnownVersion::load(item)?;
        let terms = items.at(&terms::key(&version.terms)).ok_or(TableError::Corrupt)?;
        let is_current = Terms::load(terms)?.version == version.version;
        Ok((!is_current).then_some(Self(version)))
    }

    /// Returns the key of the terms.
    pub(super) fn attached_key(item: &Item) -> Result<Key, TableError> {
        Ok(terms::key(&KnownVersion::load(item)?.terms))
    }

    fn key(&self) -> Key {
        terms::version_key(&self.0.terms, &self.0.version.0)
    }
}

impl RecordKind for TermsVersionRecord {
    fn keys(&self) -> Vec<Key> {
        vec![self.key(), terms::key(&self.0.terms)]
    }

    fn plan(&self, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
        let exists = || ImportRefusal::exists("TermsVersion", self.0.version.0.as_str());
        if let Some(item) = draft.at(&self.key()) {
            return draft.unchanged_if(KnownVersion::load(item)? == self.0, exists());
        }
        draft.require(terms::key(&self.0.terms), terms::missing(&self.0.terms).into())?;
        let created = self.0.create(&mut draft.transaction);
        draft.refuse_at(created, exists());
        Ok(Plan::Write)
    }

    fn members(&self) -> Members {
        all_members(&self.0)
    }

    fn client(&self) -> Option<&ClientExtId> {
        None
    }

    fn order(&self) -> Vec<String> {
        vec![self.0.terms.to_string(), self.0.version.0.to_string()]
    }
}
