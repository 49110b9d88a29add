//! `GET /clients/{clientExtId}/fido-uaf`: returns a page of the FIDO UAF authenticators of a client.

use shared::auth::Needs;
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::ExtId;
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, List};
use shared::table::{Item, Key, TableError};

use super::{ENTRY_PREFIX, FIDO_AUTHENTICATOR, directory, key, show};
use crate::clients;
use crate::users::UserPath;

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-client-fido-authenticators",
    method: Method::GET,
    path: "/clients/{clientExtId}/fido-uaf",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ClientView, Right::CredentialView]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the FIDO UAF authenticators of a client",
        details: "Returns a page of the FIDO UAF authenticators of all users of a client, ordered by `aaid`. A page \
                  has at most 100 of them. The rights must cover all units of the client.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&FIDO_AUTHENTICATOR),
            example: r#"{
                "items": [{
                    "extId": "uaf-1",
                    "userExtId": "user-123",
                    "aaid": "ABCD#0001",
                    "keyId": "a2V5LTE",
                    "authenticatorVersion": "1.0",
                    "publicKey": "public-key-1",
                    "publicKeyAlgorithm": "SHA256withECDSA",
                    "appId": "app",
                    "stateName": "active",
                    "signCounter": 0,
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let pk = directory(&request.client());
    // An entry does not change with the dispatch target of its authenticator, because one transaction can clear the
    // dispatch target of 90 authenticators.
    let list = List {
        is_of_all_units: true,
        original: Some(authenticator_key),
        owner: Some(|entry| Ok(Some(UserPath::of_owner(entry)?.key()))),
        ..List::from((&pk, ENTRY_PREFIX))
    };
    access.filtered_page(request.query(), list, |item| show(item).map(Some)).await
}

/// Returns the key of the authenticator of an entry.
fn authenticator_key(entry: &Item) -> Result<Key, TableError> {
    Ok(key(&UserPath::of_owner(entry)?, &ExtId::unchecked(entry.text("extId")?)))
}
