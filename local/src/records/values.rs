//! The values of properties, which several kinds of records have.

use std::collections::BTreeMap;

use functions::properties::PropertyFailure;
use functions::properties::values::{Applicable, Conditions, Holder, Values};
use shared::entity::{Entity as _, Fields};
use shared::pattern::Matcher;
use shared::table::Key;

use super::kind::Members;
use super::plan::{Draft, ImportRefusal, Stop};

/// The field that exists only in the table.
const UNIQUE_PROPERTIES: &str = "uniqueProperties";
/// The maximum number of properties. Each takes up to three of the 100 actions of the transaction that creates the
/// record: its definition, the entry of the entity, and the value if it is unique.
const MAX_PROPERTIES: usize = 32;

/// Reads the values. Which of them are unique is derived from their definitions in the table.
pub(super) fn read(fields: &mut Fields<'_>) -> Values {
    if fields.has(UNIQUE_PROPERTIES) {
        fields.refuse(UNIQUE_PROPERTIES);
    }
    Values::read(fields, ())
}

/// Returns the values as members.
pub(super) fn members(values: &Values) -> Members {
    values.members().into_iter().filter(|(name, _)| *name != UNIQUE_PROPERTIES).collect()
}

/// Returns the keys of the definitions of the properties.
pub(super) fn definition_keys(values: &Values, holder: &Holder) -> Vec<Key> {
    values.properties.keys().flat_map(|name| holder.definition_keys(name)).collect()
}

/// Checks the values. Returns them with the names of those that are unique, and their definitions.
///
/// Ignores the access of definitions: values that callers cannot change can be imported.
pub(super) fn checked(
    values: &Values,
    holder: &Holder,
    draft: &Draft<'_>,
) -> Result<(Values, BTreeMap<String, Applicable>), Stop> {
    let mut checked = values.clone();
    let mut defined = BTreeMap::new();
    let matcher = Matcher::unbounded();
    let mut failures = Vec::new();
    for (name, value) in values.properties.iter() {
        let items = holder.definition_keys(name).map(|key| draft.at(&key));
        let Some(applicable) = Applicable::of(items)?.map(Applicable::writable) else {
            failures.push(PropertyFailure::Unknown { name: name.clone() });
            continue;
        };
        failures.extend(applicable.definition.check(Some(value), &matcher).err());
        if applicable.definition.is_unique() {
            checked.unique.insert(name.clone());
        }
        defined.insert(name.clone(), applicable);
    }
    if !failures.is_empty() {
        return Err(ImportRefusal::from(PropertyFailure::error(&failures)).into());
    }
    if values.properties.len() > MAX_PROPERTIES {
        return Err(ImportRefusal::because(format!("More than {MAX_PROPERTIES} properties")).into());
    }
    Ok((checked, defined))
}

/// Refuses the line if one of its unique values is reserved.
pub(super) fn refuse_reserved(conditions: Conditions, draft: &mut Draft<'_>) {
    for reservation in conditions.reservations {
        draft.refuse_at(reservation.index, PropertyFailure::error(&[reservation.failure()]).into());
    }
}
