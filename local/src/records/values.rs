//! The values of properties, which several kinds of records have.

use std::collections::BTreeMap;
use std::time::Duration;

use functions::properties::PropertyFailure;
use functions::properties::changes::Changes;
use functions::properties::values::{Applicable, Conditions, Holder, Values};
use shared::clock::Deadline;
use shared::entity::{Entity as _, Fields};
use shared::pattern::Matcher;
use shared::table::transaction::MAX_ACTIONS;
use shared::table::{Key, TableError};

use super::kind::Members;
use super::plan::{Draft, Found, ImportRefusal, Plan, Stop};

/// The field that exists only in the table.
const UNIQUE_PROPERTIES: &str = "uniqueProperties";
/// The maximum number of properties. Each takes up to three of the 100 actions of the transaction that creates the
/// record: its definition, the entry of the entity, and the value if it is unique.
const MAX_PROPERTIES: usize = 32;
/// The maximum duration of the checks of a record, which are not limited otherwise.
const MAX_CHECK: Duration = Duration::from_hours(1);

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

/// Returns the keys of the definitions of the properties that the item of a holder has.
pub(super) fn present_definition_keys(holder: &Holder, found: &Found) -> Result<Vec<Key>, TableError> {
    let present = found.at(&holder.key).map(Values::load).transpose()?;
    Ok(present.map(|values| definition_keys(&values, holder)).unwrap_or_default())
}

/// Checks the values that differ from those of `present`. Returns all values with the names of those that are reserved,
/// and the definitions of those that differ.
///
/// Ignores the access of definitions: values that callers cannot change can be imported.
pub(super) fn checked(
    values: &Values,
    present: &Values,
    holder: &Holder,
    draft: &Draft<'_>,
) -> Result<(Values, BTreeMap<String, Applicable>), Stop> {
    let changes = Changes::between(&present.properties, &values.properties);
    let mut defined = BTreeMap::new();
    for name in changes.names() {
        let items = holder.definition_keys(name).map(|key| draft.at(&key));
        if let Some(applicable) = Applicable::of(items)? {
            defined.insert(name.clone(), applicable.writable());
        }
    }
    changes.check(&defined, &Matcher::unbounded(), Deadline::after(MAX_CHECK))?;
    if values.properties.len() > MAX_PROPERTIES {
        return Err(ImportRefusal::because(format!("More than {MAX_PROPERTIES} properties")).into());
    }
    Ok((changes.apply(present, &defined, holder)?, defined))
}

/// Plans the replacement of values, whose conditions these are: rejects the line if a unique value is reserved, or if
/// the change is too large.
pub(super) fn replace(conditions: Conditions, draft: &mut Draft<'_>) -> Result<Plan, Stop> {
    if draft.transaction.len() > MAX_ACTIONS {
        let text =
            format!("The change of the properties takes more than {MAX_ACTIONS} actions of a transaction");
        return Err(ImportRefusal::because(text).into());
    }
    refuse_reserved(conditions, draft);
    Ok(Plan::Replace)
}

/// Refuses the line if one of its unique values is reserved.
pub(super) fn refuse_reserved(conditions: Conditions, draft: &mut Draft<'_>) {
    for reservation in conditions.reservations {
        draft.refuse_at(reservation.index, PropertyFailure::error(&[reservation.failure()]).into());
    }
}
