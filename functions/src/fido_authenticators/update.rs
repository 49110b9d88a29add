//! `PATCH /{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}`: changes a FIDO UAF
//! authenticator.

use shared::auth::{Needs, SelfService};
use shared::entity::schema::{self, ObjectSchema};
use shared::entity::{BodyVersion, Entity as _, Patch};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{
    FIDO_AUTHENTICATOR, FidoUafCredential, complete, example_failures, example_formats, key, missing, of,
};
use crate::dispatch_targets::{self, DispatchTargetExtId};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "update-fido-authenticator",
    method: Method::PATCH,
    path: "/{clientExtId}/users/{userExtId}/fido-authenticators/{fidoAuthenticatorExtId}",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialView, Right::CredentialModify]).or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Update a FIDO UAF authenticator",
        details: "Changes a FIDO UAF authenticator of a user. Omitted members keep their values, and `null` removes a \
                  value or restores its default. If `version` is given, it must be the current version. What the \
                  registration determined, such as the key, cannot be changed.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&FIDO_AUTHENTICATOR_CHANGE),
            example: r#"{"stateName": "disabled"}"#,
        }),
        success: Success::Entity(Body {
            shape: Shape::Object(&FIDO_AUTHENTICATOR),
            example: r#"{
                "extId": "uaf-1",
                "userExtId": "user-123",
                "aaid": "ABCD#0001",
                "keyId": "a2V5LTE",
                "authenticatorVersion": "1.0",
                "publicKey": "public-key-1",
                "publicKeyAlgorithm": "SHA256withECDSA",
                "appId": "app",
                "stateName": "disabled",
                "signCounter": 0,
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-02T00:00:00Z",
                "version": 1
            }"#,
        }),
        failures: || {
            let user = UserPath::example();
            let target = DispatchTargetExtId::unchecked("dt-123");
            let mut failures = example_formats(false);
            failures.push(ApiError::ModifyExtId);
            failures.extend(example_failures());
            failures.push(dispatch_targets::missing(&user, &target, "Default"));
            failures.push(users::archived(&user.user));
            failures.push(dispatch_targets::too_many_credentials(&target));
            failures
        },
        links: &[],
    },
};

const FIDO_AUTHENTICATOR_CHANGE: ObjectSchema = ObjectSchema {
    name: "FidoAuthenticatorChange",
    description: "Changes of a FIDO UAF authenticator.",
    parts: &[schema::PATCH, FidoUafCredential::CHANGES],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let (user, authenticator) = (UserPath::of(request), of(request));
    let body = body::object(request)?;
    let id = authenticator.as_str();
    let patch = Patch::read::<FidoUafCredential>(body, access.settings(), id, BodyVersion::Allowed)?;
    let key = key(&user, &authenticator);
    let attempt = || async {
        let (parents, [item]) = access.get([&key]).await?;
        let item = item.ok_or_else(|| missing(&authenticator))?;
        let mut changes = access.change(&parents, &item, patch.version())?;
        let present = FidoUafCredential::load(&item)?;
        let next = patch.apply(&present)?;
        let (updated, counted) = next.change((&present, &item), &user, &mut changes)?;
        let mut response = changes.respond(&item, (&present, &next), &[])?;
        if let Some(body) = &mut response.body {
            complete(&item, body)?;
        }
        let failed = match access.commit(changes, response).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        if updated.is_none_or(|index| failed.at(index).is_some()) {
            return Ok(None);
        }
        let gone = |target: &_| dispatch_targets::missing(&user, target, parents.client_name());
        counted.and_then(|counted| counted.failure(&failed, gone)).map_or(Ok(None), Err)
    };
    access.retry(attempt).await
}
