//! Profiles, and their entries in the lists of the user and of the unit.

use functions::profiles::{self, Holder, Profile};
use functions::units;
use functions::users::{self, UserPath};
use shared::entity::{Entity as _, FieldValue as _};
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::{CLIENT, USER, kinds, of_client, units as tree};

/// A profile is below a user, who has it as a membership, and in a unit. Both have its entries.
pub(super) fn profile(item: &Item) -> Result<Facts, TableError> {
    let (profile, holder) = (Profile::load(item)?, Holder::load(item)?);
    let (owner, client) = (profile.owner(), &profile.client);
    let units = users::membership(&holder.units);
    let mut facts = Facts::of_user(&owner).below_user();
    facts.members = membership(&owner, &units, profile.is_default.0, holder.state);
    let entry = profiles::entry_key(&owner, &profile.ext_id);
    let entry = Expectation::exists(Rule::Copy, entry, kinds::PROFILE_ENTRY);
    facts = facts.expecting([entry.with(shown(&profile, &holder, item)?).owned()]);
    facts = match &profile.unit.0 {
        None => facts.with_fault(Rule::Reference, "the profile has no unit", Tolerance::Never),
        Some(unit) => {
            let place = Expectation::exists(Rule::Reference, units::key(client, unit), units::ENTITY_TYPE);
            let place = place.with(tree::path(&holder.units));
            let entry = profiles::member_key(client, unit, &profile.ext_id);
            let entry = Expectation::exists(Rule::Entry, entry, kinds::PROFILE_OF_UNIT).owned();
            facts.expecting([place, entry].map(|expected| expected.unless_deleting(Tolerance::Client)))
        }
    };
    let facts = facts.owned_by(Rule::Membership, users::ENTITY_TYPE, Tolerance::User);
    facts.at(item, &profiles::key(client, &profile.ext_id))?.marked(item)
}

/// Returns the members of a profile on which it and its user agree.
pub(super) fn membership(user: &UserPath, units: &str, is_default: bool, state: users::State) -> Members {
    Members::from_iter([
        (CLIENT, user.client.as_str().into()),
        (USER, user.user.as_str().into()),
        ("unitsWithAncestors", units.into()),
        ("isDefaultProfile", is_default.into()),
        (users::USER_STATE, state.show().unwrap_or_default()),
    ])
}

/// Returns what the copy of a profile shows. The state of the user is in the profile only.
fn shown(profile: &Profile, holder: &Holder, item: &Item) -> Result<Members, TableError> {
    let holder = Holder { state: users::State::default(), ..holder.clone() };
    Members::of(profile).and(&holder).with_history_of(item)
}

pub(super) fn entry(item: &Item) -> Result<Facts, TableError> {
    let profile = Profile::load(item)?;
    let facts = Facts::of_user(&profile.owner()).with(shown(&profile, &Holder::load(item)?, item)?);
    Ok(facts.owned_by(Rule::Copy, profiles::ENTITY_TYPE, Tolerance::Never))
}

pub(super) fn of_unit(item: &Item) -> Result<Facts, TableError> {
    Ok(of_client(item)?.owned_by(Rule::Entry, profiles::ENTITY_TYPE, Tolerance::Client))
}
