//! Members that several records have.

use functions::users::UserPath;
use shared::entity::{Entity, FieldValue as _, Fields};
use shared::ids::{ClientExtId, UserExtId};
use shared::table::{Item, TableError};

use super::kind::Members;

/// Reads the user whom a thing belongs to.
pub(super) fn user_path(fields: &mut Fields<'_>) -> UserPath {
    let client = ClientExtId::read(fields, "clientExtId");
    let user = UserExtId::read(fields, "userExtId");
    UserPath { client, user }
}

/// Loads the user whom a thing belongs to from its item.
pub(super) fn user_of_item(item: &Item) -> Result<UserPath, TableError> {
    let client = ClientExtId::load(item, "clientExtId")?;
    let user = UserExtId::load(item, "userExtId")?;
    Ok(UserPath { client, user })
}

/// Returns the members of a thing with the user whom it belongs to.
pub(super) fn members_of(user: &UserPath, thing: &impl Entity) -> Members {
    let user = [("clientExtId", user.client.as_str().into()), ("userExtId", user.user.as_str().into())];
    user.into_iter().chain(all_members(thing)).collect()
}

/// Returns the identifiers and the fields of a thing.
pub(super) fn all_members(thing: &impl Entity) -> Members {
    [thing.key_members(), thing.members()].concat()
}
