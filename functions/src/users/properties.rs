//! The values of the properties of a user, in an item of their own. A user without the item has none.

use shared::entity::Entity as _;
use shared::table::{ActionIndex, Key, Transaction};

use super::UserPath;
use crate::properties::Scope;
use crate::properties::values::{Holder, Reservation, Values};

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
    Holder { scope: Scope::User, name: "a user", client: user.client.clone(), key: key(user) }
}

/// Adds the item with the first values of a user to a transaction, and reserves those that are unique.
///
/// A user has no values in version 0, so that these are those of version 1.
pub fn create(
    values: &Values,
    user: &UserPath,
    transaction: &mut Transaction,
) -> (ActionIndex, Vec<Reservation>) {
    let item = values.store(user.new_item(&key(user), ENTITY_TYPE));
    let created = transaction.create(item.changed_once());
    (created, values.reserve(&holder(user), transaction))
}
