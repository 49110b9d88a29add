//! `PATCH /terms/{termsExtId}`: changes terms.

use shared::auth::Needs;
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Changed, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Subject};

use super::{TERMS, Terms, TermsExtId, TermsVersion, key, missing, version_used};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-terms",
    method: Method::PATCH,
    path: "/terms/{termsExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::TermsView, Right::TermsModify]),
        subject: Subject::GLOBAL_CHANGE,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Update terms",
        details: "Changes terms. Omitted members keep their values, and `null` removes a value. A new \
                  `termsVersion` cannot be one that the terms had before. If `version` is given, it must be the \
                  current version of the object.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&TERMS_CHANGE),
            example: r#"{"termsVersion": "2", "urls": {"en": "https://example.com/privacy/2"}}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&TERMS),
            example: r#"{
                "extId": "terms-123",
                "name": "Privacy",
                "active": true,
                "silentAcceptance": false,
                "termsVersion": "2",
                "urls": {"en": "https://example.com/privacy/2"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let terms = TermsExtId::unchecked("terms-123");
            vec![ApiError::ModifyExtId, missing(&terms), version_used(&terms, &TermsVersion::unchecked("1"))]
        },
        links: &[],
    },
};

const TERMS_CHANGE: ObjectSchema = ObjectSchema {
    name: "TermsChange",
    description: "Changes of terms.",
    parts: &[schema::PATCH, Terms::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let terms = TermsExtId::unchecked(request.parameter("termsExtId"));
    let body = body::object(request)?;
    let patch = Patch::read::<Terms>(body, access.settings(), terms.as_str(), BodyVersion::Allowed)?;
    let key = key(&terms);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&terms))?;
        let mut changes = access.change(&parents, &item, patch.version())?;
        let present = Terms::load(&item)?;
        let next = patch.apply(&present)?;
        let Changed { updated, reserved } = next.change((&present, &item), &mut changes)?;
        let response = changes.respond(&item, (&present, &next), &[])?;
        access.commit_change(changes, response, updated, reserved).await
    };
    access.retry(attempt).await
}
