//! `POST /{clientExtId}/users/{userExtId}/archive`: archives a user.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::TableError;

use super::{SUBJECT, User, UserPath, archived};
use crate::deletions::{self, Deletion};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "archive-user",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/archive",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UserView, Right::UserArchive]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Archive a user",
        details: "Archives a user and the user's profiles for good, and deletes the user's credentials and dispatch \
                  targets, whose unique values are released. Name and identifiers stay in use. An archived user can \
                  only be deleted. For a technical user, `AccessControl.UserArchiveTechUser` is required too. A \
                  deletion that takes longer than the request goes on without it; the same request goes on with it \
                  too.",
        query: &[],
        body: None,
        success: Success::Deletion,
        failures: || {
            let user = UserPath::example();
            vec![user.missing("Default"), archived(&user.user)]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let deletion = Deletion::of_credentials(&access.new_id(), user, access.stamp().now);
    let id = deletion.id.to_string();
    deletions::delete(access, request, deletion, |parents, item, transaction| {
        let present = User::load(item)?;
        if present.is_technical.0 {
            access.require_over(Right::UserArchiveTechUser, parents.units())?;
        }
        let archived = User::archive(&present, item, &id, access.settings(), transaction)?;
        Ok(archived.updated.ok_or(TableError::Corrupt)?)
    })
    .await
}
