//! `PATCH /{clientExtId}/users/{userExtId}/mobile-signature`: changes the mobile signature of a user.

use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Entity as _, OwnId, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::Access;

use super::{MOBILE_SIGNATURE, MobileSignature, OWNER, example_of_invalid_msisdn, key, missing};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-mobile-signature",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialModify]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_msisdn_pattern),
    description: Description {
        summary: "Update a mobile signature",
        details: "Changes the mobile signature of a user. Omitted members keep their values, and `null` \
                  removes a value or restores its default. If `version` is given, it must be the current \
                  version. The properties are kept.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&MOBILE_SIGNATURE_CHANGE),
            example: r#"{"stateName": "disabled"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&MOBILE_SIGNATURE),
            example: r#"{
                "extId": "ms-1",
                "userExtId": "user-123",
                "stateName": "disabled",
                "identificator": "+41790000000",
                "msspIdentifier": "https://mssp.example.com",
                "msisdn": "+41790000000",
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let user = UserPath::example();
            vec![
                ApiError::InvalidName { kind: "CredentialState", value: "invalid_state".to_owned() },
                example_of_invalid_msisdn(),
                user.missing("Default"),
                missing(&user),
                users::archived(&user.user),
                ApiError::ModifyExtId,
            ]
        },
        links: &[],
    },
};

const MOBILE_SIGNATURE_CHANGE: ObjectSchema = ObjectSchema {
    name: "MobileSignatureChange",
    description: "Changes of a mobile signature.",
    parts: &[schema::PATCH, MobileSignature::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let body = body::object(request)?;
    let patch = Patch::read::<MobileSignature>(body, access.settings(), OwnId::Stored, BodyVersion::Allowed)?;
    let key = key(&user);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&user))?;
        access.patch::<MobileSignature>(&parents, &item, &patch, OWNER).await
    };
    access.retry(attempt).await
}
