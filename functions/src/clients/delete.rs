//! `DELETE /clients/{clientExtId}`: deletes a client.

use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::ClientExtId;
use shared::operation::description::{Description, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};

use super::{Client, SUBJECT, missing};
use crate::deletions::{self, Deletion};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "delete-client",
    method: Method::DELETE,
    path: "/clients/{clientExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientDelete]),
        subject: Subject { is_deleted: true, ..SUBJECT },
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Delete a client",
        details: "Deletes a client (tenant) with everything that belongs to it: users, units, policies, personal \
                  questions and definitions of properties. From the begin of the deletion on, all of it no longer \
                  exists for callers, and nothing can be created below the client. Each unique value is released \
                  together with its owner, the name of the client last. A deletion that takes longer than the request \
                  goes on without it; the same request goes on with it too. Available only in multi-client mode, and \
                  only with rights over all units of the client.",
        query: &[],
        body: None,
        success: Success::Deletion,
        failures: || vec![ApiError::SingleClientMode, missing(&ClientExtId::unchecked("100"))],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    if !access.settings().multi_client_mode {
        return Err(ApiError::SingleClientMode);
    }
    access.require_all_units()?;
    let deletion = Deletion::of_client(&access.new_id(), request.client(), access.stamp().now);
    let id = deletion.id.to_string();
    deletions::delete(access, request, deletion, |_, item, transaction| {
        Ok(Client::load(item)?.begin_deletion(item, &id, transaction)?)
    })
    .await
}
