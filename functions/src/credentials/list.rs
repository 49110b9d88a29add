//! `GET /{clientExtId}/users/{userExtId}/credentials`: returns a page of the credentials of a user.

use serde_json::Value;
use shared::auth::{Needs, SelfService};
use shared::entity::schema::{EXT_ID, Field, FieldKind, HISTORY, ObjectSchema};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::item::ENTITY_TYPE;
use shared::table::{Item, TableError};

use crate::fido_authenticators;
use crate::mobile_signature;
use crate::users::{self, OF_USER, UserPath};

/// The beginning of the sort keys of credentials.
const SK_PREFIX: &str = "CREDENTIAL#";
/// The member with the kind of a credential.
const TYPE: &str = "type";
/// The kind of a mobile signature.
const MOBILE_SIGNATURE: &str = "MOBILE_SIGNATURE";
/// The kind of a FIDO UAF authenticator.
const FIDO_UAF: &str = "FIDO_UAF";

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-user-credentials",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/credentials",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialView]).or_self(SelfService::Allowed),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the credentials of a user",
        details: "Returns a page of the credentials of a user: the FIDO UAF authenticators, ordered by external \
                  identifier, then the mobile signature. Each has its `type` and the members with which it is read \
                  alone.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::PageOfAny {
                name: "Credential",
                schemas: &[&FIDO_UAF_CREDENTIAL, &MOBILE_SIGNATURE_CREDENTIAL],
            },
            example: r#"{
                "items": [{
                    "type": "MOBILE_SIGNATURE",
                    "extId": "ms-1",
                    "userExtId": "user-123",
                    "stateName": "active",
                    "identificator": "+41790000000",
                    "msspIdentifier": "https://mssp.example.com",
                    "msisdn": "+41790000000",
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

/// A FIDO UAF authenticator in a list of credentials.
const FIDO_UAF_CREDENTIAL: ObjectSchema = ObjectSchema {
    name: "FidoUafCredential",
    description: "A FIDO UAF authenticator among the credentials of a user.",
    parts: &[
        &[of_type(FIDO_UAF), EXT_ID, OF_USER],
        fido_authenticators::SHOWN[0],
        fido_authenticators::SHOWN[1],
        HISTORY,
    ],
};

/// A mobile signature in a list of credentials.
const MOBILE_SIGNATURE_CREDENTIAL: ObjectSchema = ObjectSchema {
    name: "MobileSignatureCredential",
    description: "A mobile signature among the credentials of a user.",
    parts: &[&[of_type(MOBILE_SIGNATURE), EXT_ID, OF_USER], mobile_signature::SHOWN, HISTORY],
};

/// The member with the kind of a credential, which is this one.
const fn of_type(name: &'static str) -> Field {
    Field::required(TYPE, FieldKind::Constant(name), "Kind of the credential.")
}

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    access.page((&UserPath::of(request).partition(), SK_PREFIX), show).await
}

/// Returns a credential as it is read alone, with its kind.
fn show(item: &Item) -> Result<Value, TableError> {
    let (kind, mut shown) = match item.text(ENTITY_TYPE)? {
        mobile_signature::ENTITY_TYPE => (MOBILE_SIGNATURE, mobile_signature::show(item)?),
        fido_authenticators::ENTITY_TYPE => (FIDO_UAF, fido_authenticators::show(item)?),
        _ => return Err(TableError::Corrupt),
    };
    shown[TYPE] = kind.into();
    Ok(shown)
}
