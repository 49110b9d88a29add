//! The values of properties, which several kinds of records have.

use functions::properties::values::{Holder, Reservation, Values};
use functions::properties::{Definition, PropertyFailure};
use shared::entity::{Entity as _, Fields};
use shared::pattern::Matcher;
use shared::table::Key;

use super::kind::Members;
use super::plan::{Draft, ImportRefusal, Stop};

/// The field that exists only in the table.
const UNIQUE_PROPERTIES: &str = "uniqueProperties";
/// The maximum number of properties with unique values. All values are reserved in the transaction that
/// creates the record, which is limited to 100 actions.
const MAX_UNIQUE: usize = 90;

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

/// Checks the values and returns them with the names of those that are unique.
///
/// Ignores the access of definitions: values that callers cannot change can be imported.
pub(super) fn checked(values: &Values, holder: &Holder, draft: &Draft<'_>) -> Result<Values, Stop> {
    let mut checked = values.clone();
    let matcher = Matcher::unbounded();
    let mut failures = Vec::new();
    for (name, value) in values.properties.iter() {
        let [of_all, of_client] = holder.definition_keys(name);
        let Some(item) = draft.at(&of_client).or_else(|| draft.at(&of_all)) else {
            failures.push(PropertyFailure::Unknown { name: name.clone() });
            continue;
        };
        let definition = Definition::load(item)?.writable();
        failures.extend(definition.check(Some(value), &matcher).err());
        if definition.is_unique() {
            checked.unique.insert(name.clone());
        }
    }
    if !failures.is_empty() {
        return Err(ImportRefusal::from(PropertyFailure::error(&failures)).into());
    }
    if checked.unique.len() > MAX_UNIQUE {
        return Err(ImportRefusal::because(format!("More than {MAX_UNIQUE} properties are unique")).into());
    }
    Ok(checked)
}

/// Refuses the line if one of its unique values is reserved.
pub(super) fn refuse_reserved(reservations: Vec<Reservation>, draft: &mut Draft<'_>) {
    for reservation in reservations {
        draft.refuse_at(reservation.index, PropertyFailure::error(&[reservation.failure()]).into());
    }
}
