//! Terms, their versions, and the consents to them.

use functions::consents::Consent;
use functions::terms::{self, KnownVersion, Terms};
use shared::entity::Entity as _;
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::{kinds, user_of};

/// Terms have their entry in the list of all terms, and their current version.
pub(super) fn terms(item: &Item) -> Result<Facts, TableError> {
    let terms = Terms::load(item)?;
    let entry = Expectation::exists(Rule::Copy, terms::directory_key(&terms.ext_id), kinds::TERMS_ENTRY);
    let version = terms::version_key(&terms.ext_id, &terms.version.0);
    let version = Expectation::exists(Rule::Reference, version, terms::VERSION_ENTITY_TYPE);
    let facts = Facts::default().expecting([entry.with(shown(&terms, item)?).owned(), version]);
    facts.at(item, &terms::key(&terms.ext_id))
}

fn shown(terms: &Terms, item: &Item) -> Result<Members, TableError> {
    Members::of(terms).with_history_of(item)
}

pub(super) fn entry(item: &Item) -> Result<Facts, TableError> {
    let facts = Facts::default().with(shown(&Terms::load(item)?, item)?);
    Ok(facts.owned_by(Rule::Copy, terms::ENTITY_TYPE, Tolerance::Never))
}

pub(super) fn version(item: &Item) -> Result<Facts, TableError> {
    let known = KnownVersion::load(item)?;
    let terms = Expectation::exists(Rule::Orphan, terms::key(&known.terms), terms::ENTITY_TYPE);
    Facts::default().expecting([terms]).at(item, &terms::version_key(&known.terms, &known.version.0))
}

/// A consent is below a user, and refers to a version that the terms have or had.
pub(super) fn consent(item: &Item) -> Result<Facts, TableError> {
    let (user, consent) = (user_of(item)?, Consent::load(item)?);
    let version = terms::version_key(&consent.terms, &consent.version);
    let version = Expectation::exists(Rule::Reference, version, terms::VERSION_ENTITY_TYPE);
    Facts::of_user(&user).below_user().expecting([version]).at(item, &consent.key(&user))
}
