//! Units: the organisational tree of a client, to which users belong. Data rooms are defined by units.

pub mod create;
pub mod get;
pub mod list;
pub mod list_children;
pub mod tree;
pub mod update;

use serde_json::Value;
use shared::entity::schema::{EXT_ID, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{self, Entity as _, FieldValue as _};
use shared::error::ApiError;
use shared::http::Request;
use shared::ids::UnitExtId;
use shared::service::{ResourceScope, Subject, UserAccess};
use shared::table::{Item, TableError};

pub use self::tree::{Created, ENTITY_TYPE, Place, Unit, UnitState, child_key, key, name_key, too_deep};
use crate::clients::{self, CLIENT_EXT_ID};

/// The beginning of the sort keys of units, and of the entries in the list of a unit's children.
const PREFIX: &str = "UNIT#";
/// The member with the identifiers from the top of the tree to the unit.
const HIERARCHICAL_NAME: &str = "hierarchicalName";
/// The request body to create a unit.
const NEW_UNIT: ObjectSchema =
    ObjectSchema { name: "NewUnit", description: "A unit to create.", parts: &[&[NEW_EXT_ID], Unit::BODY] };

/// A unit in a response.
const UNIT: ObjectSchema = ObjectSchema {
    name: "Unit",
    description: "A unit.",
    parts: &[
        &[EXT_ID, clients::OF_CLIENT],
        // Without the ancestors.
        Place::SHOWN.split_at(1).0,
        Unit::SHOWN,
        HISTORY,
    ],
};

/// The client and the unit of the path.
const SUBJECT: Subject = Subject {
    scope: ResourceScope::Client,
    keys: |request| vec![clients::key(&request.client()), key(&request.client(), &of(request))],
    admit: |subject, request, items| clients::admit_in_units(subject, request, items, access_to),
    missing: |request, _| missing(&of(request)),
    has_units: true,
};

/// Returns the unit of a request's path.
fn of(request: &Request) -> UnitExtId {
    UnitExtId::unchecked(request.parameter("unitExtId"))
}

/// Returns what decides on the access to the unit of an item.
fn access_to(item: &Item) -> Result<UserAccess, TableError> {
    let units = Place::load(item)?.with(&UnitExtId::load(item, entity::EXT_ID)?);
    let units = units.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
    Ok(UserAccess { units, is_active: true })
}

/// Returns the unit of an item as in lists.
fn show(item: &Item) -> Result<Value, TableError> {
    let mut unit = entity::show::<Unit>(item)?;
    complete(&mut unit, item)?;
    Ok(unit)
}

/// Adds the client and the place in the tree to the unit of an item in a response.
fn complete(unit: &mut Value, item: &Item) -> Result<(), TableError> {
    for name in [CLIENT_EXT_ID, HIERARCHICAL_NAME] {
        unit[name] = item.text(name)?.into();
    }
    Ok(())
}

/// Returns the error for a unit that does not exist.
#[must_use]
pub fn missing(unit: &UnitExtId) -> ApiError {
    ApiError::NotFound(format!("Unit doesn't exist with extId '{unit}'"))
}

/// Returns the error for a unit whose external identifier is in use.
#[must_use]
pub fn duplicate(unit: &UnitExtId) -> ApiError {
    ApiError::Duplicate(format!("Unit already exists with extId '{unit}'"))
}

/// Returns the error for a unit whose name is in use below its parent.
#[must_use]
pub fn duplicate_name(name: &str) -> ApiError {
    ApiError::Duplicate(format!("Unit already exists with name '{name}'"))
}
