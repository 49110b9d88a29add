//! The values of the properties of a user, in an item of their own. A user without the item has none.

use std::collections::BTreeMap;

use shared::entity::Entity as _;
use shared::table::{ActionIndex, Condition, Item, Key, TableError, Transaction, Update};

use super::UserPath;
use crate::properties::Scope;
use crate::properties::values::{Applicable, Conditions, Holder, Values};

/// The entity type of the item with the values.
pub const ENTITY_TYPE: &str = "UserProperties";

/// Returns the key of the item with the values.
#[must_use]
pub fn key(user: &UserPath) -> Key {
    user.member_key(&["PROPERTIES"])
}

/// Returns a user as the holder of their properties.
#[must_use]
pub fn holder(user: &UserPath) -> Holder {
    Holder { scope: Scope::User, name: "a user", most: None, client: user.client.clone(), key: key(user) }
}

/// Adds the change of the values of a user from `present` to a transaction, also that of the item with the values, which
/// is `item` if there is one. `owner` is the item of the user.
///
/// Returns the indexes of the conditions that user and values are as they were read, and those of the values.
///
/// # Errors
/// Those of [`Values::change`].
pub fn change(
    (present, next): (&Values, &Values),
    item: Option<&Item>,
    (user, owner): (&UserPath, &Item),
    defined: &BTreeMap<String, Applicable>,
    transaction: &mut Transaction,
) -> Result<([ActionIndex; 2], Conditions), TableError> {
    // The user exists and has not been archived since.
    let same_user = transaction.check(user.key(), Condition::as_read(owner)?);
    let (written, conditions) = match item {
        Some(item) => {
            let unchanged = Condition::as_read(item)?;
            let updated = transaction.update(next.update(present, Update::new(key(user), unchanged)));
            (updated, next.change(present, &holder(user), defined, transaction)?)
        }
        None => create(next, user, defined, transaction)?,
    };
    Ok(([same_user, written], conditions))
}

/// Adds the item with the first values of a user, their entries and the reservations of those that are unique to a
/// transaction.
///
/// A user has no values in version 0, so that these are those of version 1.
///
/// # Errors
/// Those of [`Values::change`].
pub fn create(
    values: &Values,
    user: &UserPath,
    defined: &BTreeMap<String, Applicable>,
    transaction: &mut Transaction,
) -> Result<(ActionIndex, Conditions), TableError> {
    let item = values.store(user.new_item(&key(user), ENTITY_TYPE));
    let created = transaction.create(item.changed_once());
    Ok((created, values.change(&Values::default(), &holder(user), defined, transaction)?))
}
