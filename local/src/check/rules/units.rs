//! The tree of units.

use std::collections::BTreeSet;

use functions::units::{self, NameOwner, Place, Unit};
use shared::entity::Entity as _;
use shared::table::{Item, TableError};

use super::super::facts::{Expectation, Facts, Members, Rule, Tolerance};
use super::kinds;

/// A unit is below a client and, unless it is at the top, below a parent, which has its entry and its name.
pub(super) fn unit(item: &Item) -> Result<Facts, TableError> {
    let (unit, place) = (Unit::load(item)?, Place::load(item)?);
    let (client, ext_id) = (&unit.client, &unit.ext_id);
    let mut facts = Facts::of_client(client).below_client().with(path(&place.with(ext_id)));
    if let Some(parent) = &unit.parent.0 {
        let above = Expectation::exists(Rule::Reference, units::key(client, parent), units::ENTITY_TYPE);
        let above = above.with(path(&place.ancestors)).unless_deleting(Tolerance::Client);
        let entry = units::child_key(client, parent, ext_id);
        let entry = Expectation::exists(Rule::Copy, entry, kinds::UNIT_ENTRY);
        let entry = entry.with(shown(&unit, &place, item)?).owned().unless_deleting(Tolerance::Client);
        let name = units::name_key(client, parent, &unit.name);
        let owner = NameOwner { client: client.clone(), unit: ext_id.clone() };
        let name = Expectation::exists(Rule::Reservation, name, kinds::UNIT_NAME);
        facts = facts.expecting([above, entry, name.with(Members::of(&owner)).owned()]);
    }
    facts.at(item, &units::key(client, ext_id))
}

/// Returns a unit and all units above it as the members that what is in the unit compares.
pub(super) fn path(units: &BTreeSet<String>) -> Members {
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    Members::from_iter([("unitsWithAncestors", units.into())])
}

fn shown(unit: &Unit, place: &Place, item: &Item) -> Result<Members, TableError> {
    Members::of(unit).and(place).with_history_of(item)
}

pub(super) fn entry(item: &Item) -> Result<Facts, TableError> {
    let unit = Unit::load(item)?;
    let facts = Facts::of_client(&unit.client).with(shown(&unit, &Place::load(item)?, item)?);
    Ok(facts.owned_by(Rule::Copy, units::ENTITY_TYPE, Tolerance::Client))
}

pub(super) fn name(item: &Item) -> Result<Facts, TableError> {
    let owner = NameOwner::load(item)?;
    let facts = Facts::of_client(&owner.client).with(Members::of(&owner));
    Ok(facts.owned_by(Rule::Reservation, units::ENTITY_TYPE, Tolerance::Never))
}
