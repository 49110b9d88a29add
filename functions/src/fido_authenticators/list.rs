//! `GET /{clientExtId}/users/{userExtId}/fido-authenticators`: returns a page of the FIDO UAF authenticators of a
//! user.

use shared::auth::{Needs, SelfService};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;

use super::{FIDO_AUTHENTICATOR, SK_PREFIX, show};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-fido-authenticators",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/fido-authenticators",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialView]).or_self(SelfService::Allowed),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List FIDO UAF authenticators",
        details: "Returns a page of the FIDO UAF authenticators of a user, ordered by external identifier.",
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
        failures: || vec![UserPath::example().missing("Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    access.page((&UserPath::of(request).partition(), SK_PREFIX), show).await
}
