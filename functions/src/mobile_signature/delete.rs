//! `DELETE /{clientExtId}/users/{userExtId}/mobile-signature`: deletes the mobile signature of a user.

use std::collections::BTreeMap;

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{holder, key, missing};
use crate::properties::values::Values;
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-mobile-signature",
    method: Method::DELETE,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialDelete]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a mobile signature",
        details: "Deletes the mobile signature of a user with its properties, and releases their unique \
                  values. Either all of these changes are made or none.",
        query: &[],
        body: None,
        success: Success::NoContent,
        failures: || {
            let user = UserPath::example();
            vec![user.missing("Default"), missing(&user)]
        },
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let (key, holder) = (key(&user), holder(&user));
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&user))?;
        let mut changes = access.change(&parents, &item, None)?;
        let present = Values::load(&item)?;
        let defined = if present.properties.is_empty() {
            BTreeMap::new()
        } else {
            let (_, _, defined) = holder.read(access, present.properties.keys()).await?;
            defined
        };
        let deleted = changes.delete_object(&item)?;
        Values::default().change(&present, &holder, &defined, &mut changes)?;
        access.commit_change(changes, Response::no_content(), Some(deleted), None).await
    };
    access.retry(attempt).await
}
