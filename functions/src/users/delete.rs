//! `DELETE /{clientExtId}/users/{userExtId}`: deletes a user.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};

use super::{SUBJECT, User, UserPath};
use crate::deletions::{self, Deletion};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-user",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UserDelete]),
        subject: Subject { is_deleted: true, ..SUBJECT },
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a user",
        details: "Deletes a user with everything that belongs to the user: profiles, consents, credentials, dispatch \
                  targets and values of properties. From the begin of the deletion on, all of it no longer exists for \
                  callers, and nothing can be created below the user. Each unique value is released together with its \
                  owner, the names of the user last. A deletion that takes longer than the request goes on without \
                  it; the same request goes on with it too.",
        query: &[],
        body: None,
        success: Success::Deletion,
        failures: || vec![UserPath::example().missing("Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let deletion = Deletion::of_user(&access.new_id(), UserPath::of(request), access.stamp().now);
    let id = deletion.id.to_string();
    deletions::delete(access, request, deletion, |_, item, transaction| {
        Ok(User::load(item)?.begin_deletion(item, &id, transaction)?)
    })
    .await
}
