//! Units: the organisational tree of a client, to which users belong. Data rooms are defined by units.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod list_children;
pub mod tree;
pub mod update;

use std::collections::BTreeSet;

use serde_json::Value;
use shared::entity::schema::{EXT_ID, HISTORY, NEW_EXT_ID, ObjectSchema};
use shared::entity::{self, Entity as _, FieldValue as _};
use shared::error::{ApiError, Code};
use shared::http::Request;
use shared::ids::UnitExtId;
use shared::service::{Access, ResourceScope, Subject, UserAccess};
use shared::table::{Item, TableError};

pub use self::tree::{
    Created, ENTITY_TYPE, NameOwner, Place, STATE, Unit, UnitState, child_key, duplicate_name, key, name_key,
    too_deep,
};
use crate::clients::{self, CLIENT_EXT_ID};

/// The beginning of the sort keys of units, and of the entries in the list of a unit's children.
const PREFIX: &str = "UNIT#";
/// The members of responses with the client and the place in the tree.
const PLACE: &[&str] = &[CLIENT_EXT_ID, "hierarchicalName"];
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
    has_owner: false,
    closed: None,
    is_deleted: false,
};

/// Checks that the caller's rights cover a unit that the request names besides its parents, and that it
/// exists. `item` is its item.
///
/// # Errors
/// [`ApiError::DataRoomDenied`], also for a unit that does not exist, then [`ApiError::NotFound`].
pub(crate) fn require(access: &Access<'_>, unit: &UnitExtId, item: Option<Item>) -> Result<Item, ApiError> {
    let units = item.as_ref().map(access_to).transpose()?.unwrap_or_default();
    access.require_user(&units)?;
    item.ok_or_else(|| missing(unit))
}

/// Returns the unit of a request's path.
pub(crate) fn of(request: &Request) -> UnitExtId {
    UnitExtId::unchecked(request.parameter("unitExtId"))
}

/// Returns what decides on the access to the unit of an item.
fn access_to(item: &Item) -> Result<UserAccess, TableError> {
    Ok(access_to_units(&Place::load(item)?.with(&UnitExtId::load(item, entity::EXT_ID)?)))
}

/// Returns what decides on the access to a unit with these units: itself and all units above it.
pub(crate) fn access_to_units(units: &BTreeSet<String>) -> UserAccess {
    let units = units.iter().map(|unit| UnitExtId::unchecked(unit)).collect();
    UserAccess { units, is_active: true, owner: None }
}

/// Returns the unit of an item as in lists.
fn show(item: &Item) -> Result<Value, TableError> {
    clients::show_with::<Unit>(item, PLACE)
}

/// Returns the error for a unit that does not exist.
#[must_use]
pub fn missing(unit: &UnitExtId) -> ApiError {
    ApiError::NotFound(format!("Unit doesn't exist with extId '{unit}'"))
}

/// Returns the error for a unit that cannot have a profile because it is disabled.
#[must_use]
pub fn disabled(unit: &UnitExtId) -> ApiError {
    ApiError::Rules(vec![(Code::AssignDisabledUnit, format!("Unit is disabled: {unit}"))])
}

/// Returns the error for a unit that cannot have profiles.
#[must_use]
pub fn profileless(unit: &UnitExtId) -> ApiError {
    ApiError::Rules(vec![(Code::AssignProfilelessUnit, format!("Unit is profileless: {unit}"))])
}

/// Returns the error for a unit whose external identifier is in use.
#[must_use]
pub fn duplicate(unit: &UnitExtId) -> ApiError {
    ApiError::Duplicate(format!("Unit already exists with extId '{unit}'"))
}
