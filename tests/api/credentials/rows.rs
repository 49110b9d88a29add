//! The row of the operation on the credentials of a user.

use shared::auth::SelfService;

use crate::operations::rows::{Row, rows};

rows!(credentials: list_user_credentials);

pub(crate) const fn list_user_credentials() -> Row {
    Row {
        id: "list-user-credentials",
        method: "GET",
        template: "/{clientExtId}/users/{userExtId}/credentials",
        rights: &["CredentialView"],
        self_service: SelfService::Allowed,
        path: "/{client-123}/users/{user-123}/credentials",
        success: 200,
        ..Row::DEFAULT
    }
}
