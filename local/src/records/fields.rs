//! Members that several kinds of records have.

use functions::terms::TermsVersion;
use functions::users::UserPath;
use shared::entity::{Entity, FieldValue as _, Fields};
use shared::ids::{ClientExtId, UserExtId};
use shared::table::{Item, TableError};

use super::kind::Members;

/// Reads the user to whom an entity belongs.
pub(super) fn user_path(fields: &mut Fields<'_>) -> UserPath {
    let client = ClientExtId::read(fields, "clientExtId");
    let user = UserExtId::read(fields, "userExtId");
    UserPath { client, user }
}

/// Checks a version of terms, which becomes part of keys. An empty one has already been reported.
pub(super) fn check_version(fields: &mut Fields<'_>, version: &TermsVersion) {
    if !version.as_str().is_empty() {
        let _: TermsVersion = fields.naming().ext_id(version.as_str());
    }
}

/// Loads the user to whom an entity belongs from its item.
pub(super) fn user_of_item(item: &Item) -> Result<UserPath, TableError> {
    let client = ClientExtId::load(item, "clientExtId")?;
    let user = UserExtId::load(item, "userExtId")?;
    Ok(UserPath { client, user })
}

/// Returns the members of an entity, preceded by the user to whom it belongs.
pub(super) fn members_of(user: &UserPath, entity: &impl Entity) -> Members {
    [user_members(user), all_members(entity)].concat()
}

/// Returns the members with the user to whom an entity belongs.
pub(super) fn user_members(user: &UserPath) -> Members {
    vec![("clientExtId", user.client.as_str().into()), ("userExtId", user.user.as_str().into())]
}

/// Returns members of which one has another name in a line, because `type` is the kind of the record: the name in the
/// line, and that of the member.
pub(super) fn renamed(members: Members, (in_line, member): (&'static str, &'static str)) -> Members {
    members.into_iter().map(|(name, value)| (if name == member { in_line } else { name }, value)).collect()
}

/// Returns the identifiers and the fields of an entity.
pub(super) fn all_members(entity: &impl Entity) -> Members {
    [entity.key_members(), entity.members()].concat()
}
