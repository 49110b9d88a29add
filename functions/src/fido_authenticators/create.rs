//! `POST /{clientExtId}/users/{userExtId}/fido-authenticators`: creates a FIDO UAF authenticator of a user.

use shared::auth::Needs;
use shared::entity::Fields;
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::policy::Settings;
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{
    FidoUafCredential, FidoUafCredentialExtId, MAX_AUTHENTICATORS, NEW_FIDO_AUTHENTICATOR, SK_PREFIX, STATE,
    duplicate, example_formats, not_unique, too_many,
};
use crate::dispatch_targets::{self, DispatchTargetExtId, MAX_TARGETS};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-fido-authenticator",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/fido-authenticators",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialCreate, Right::CredentialView]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(Settings::prepare_naming_policy),
    description: Description {
        summary: "Create a FIDO UAF authenticator",
        details: "Creates a FIDO UAF authenticator of a user, who can have at most 200. `aaid` and `keyId` together \
                  must be unique within the client. The external identifier is generated if omitted. \
                  `dispatchTargetExtId` must be a dispatch target of the user; `dispatchTarget` creates one. At most \
                  90 authenticators can refer to one dispatch target. Naming a `stateName` requires the right \
                  `AccessControl.CredentialChangeState`.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_FIDO_AUTHENTICATOR),
            example: r#"{
                "extId": "uaf-1",
                "aaid": "ABCD#0001",
                "keyId": "a2V5LTE",
                "authenticatorVersion": "1.0",
                "publicKey": "public-key-1",
                "publicKeyAlgorithm": "SHA256withECDSA",
                "appId": "app"
            }"#,
        }),
        success: Success::Created(None),
        failures: || {
            let user = UserPath::example();
            let target = DispatchTargetExtId::unchecked("dt-123");
            let mut failures = example_formats(true);
            failures.extend([
                ApiError::MissingRight(Right::CredentialChangeState),
                ApiError::DataRoomDenied(Right::CredentialChangeState),
                user.missing("Default"),
                users::archived(&user.user),
                too_many(&user.user),
                duplicate(&FidoUafCredentialExtId::unchecked("uaf-1")),
                not_unique("ABCD#0001", "a2V5LTE"),
                dispatch_targets::missing(&user, &target, "Default"),
                dispatch_targets::too_many_credentials(&target),
                dispatch_targets::too_many(&user.user),
                dispatch_targets::duplicate(&target),
                dispatch_targets::duplicate_name("Phone"),
            ]);
            failures
        },
        links: &[Link {
            operation: "get-fido-authenticator",
            parameters: &[
                ("clientExtId", Source::Path),
                ("userExtId", Source::Path),
                ("fidoAuthenticatorExtId", Source::CreatedId),
            ],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let members = body::object(request)?;
    let names_state = members.get(STATE).is_some_and(|value| !value.is_null());
    let fields = Fields::new(members, access.settings());
    let (authenticator, new_target) = FidoUafCredential::read_new(fields, || access.new_id())?;
    let right = names_state.then_some(Right::CredentialChangeState);
    right.map_or(Ok(()), |right| access.require_over(right, None))?;

    let id = authenticator.ext_id.as_str();
    let segments = [user.client.as_str(), "users", user.user.as_str(), "fido-authenticators", id];
    let response = Response::created(request.location(&segments), id, None);
    let partition = user.partition();
    let targets = new_target.is_some().then_some(dispatch_targets::SK_PREFIX);
    let attempt = || async {
        let (parents, authenticators, targets) = access.get_and_count(&partition, SK_PREFIX, targets).await?;
        right.map_or(Ok(()), |right| access.require_over(right, parents.units()))?;
        let owner = parents.innermost()?;
        let mut changes = access.change(&parents, owner, None)?;
        if authenticators >= MAX_AUTHENTICATORS {
            return Err(too_many(&user.user));
        }
        if targets >= MAX_TARGETS {
            return Err(dispatch_targets::too_many(&user.user));
        }
        // Every creation changes the revision of the user, so that no two exceed the maximum together.
        changes.touch(owner)?;
        let created = authenticator.create(&user, new_target.is_some(), &mut changes);
        let target = new_target.as_ref().map(|(target, attestation)| {
            (target.create(&user, (attestation.as_ref(), 1), &mut changes), &target.ext_id)
        });
        let failed = match access.commit(changes, response.clone()).await? {
            Commit::Done(response) => return Ok(Some(response)),
            Commit::Failed(failed) => failed,
        };
        let gone = |target: &_| dispatch_targets::missing(&user, target, parents.client_name());
        let failure = created.failure(&failed, &authenticator.ext_id, gone);
        let failure = failure.or_else(|| target.and_then(|(created, id)| created.failure(&failed, id)));
        failure.map_or(Ok(None), Err)
    };
    access.retry(attempt).await
}
