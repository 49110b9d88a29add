//! `POST /{clientExtId}/users/{userExtId}/mobile-signature`: creates the mobile signature of a user.

use std::collections::BTreeMap;

use shared::auth::Needs;
use shared::entity::{self, Fields};
use shared::error::ApiError;
use shared::http::body;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Commit};

use super::{
    EXAMPLE, MOBILE_SIGNATURE, MobileSignature, NEW_MOBILE_SIGNATURE, example_of_invalid_msisdn, exists,
    prepare,
};
use crate::properties::values::Values;
use crate::users::{self, USER_EXT_ID, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "create-mobile-signature",
    method: Method::POST,
    path: "/{clientExtId}/users/{userExtId}/mobile-signature",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::CredentialCreate]),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: Some(prepare),
    description: Description {
        summary: "Create a mobile signature",
        details: "Creates the mobile signature of a user, who can have only one. An archived user cannot get \
                  one. The certificate is parsed, but may have expired.",
        query: &[],
        body: Some(Body {
            shape: Shape::Object(&NEW_MOBILE_SIGNATURE),
            example: r#"{
                "extId": "ms-1",
                "identificator": "+41790000000",
                "msspIdentifier": "https://mssp.example.com",
                "msisdn": "+41790000000"
            }"#,
        }),
        success: Success::CreatedEntity(Body { shape: Shape::Object(&MOBILE_SIGNATURE), example: EXAMPLE }),
        failures: || {
            let user = UserPath::example();
            vec![
                ApiError::InvalidName { kind: "CredentialState", value: "invalid_state".to_owned() },
                example_of_invalid_msisdn(),
                user.missing("Default"),
                users::archived(&user.user),
                exists(&user),
            ]
        },
        links: &[Link {
            operation: "get-mobile-signature",
            parameters: &[("clientExtId", Source::Path), ("userExtId", Source::Path)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let user = UserPath::of(request);
    let fields = Fields::new(body::object(request)?, access.settings());
    let signature = MobileSignature::read_new(fields, || access.new_id())?;

    let (parents, []) = access.get([]).await?;
    let mut changes = access.create_below(&parents)?;
    signature.create((&Values::default(), &BTreeMap::new()), &user, &mut changes)?;
    match access.commit(changes, created(access, request, &user, &signature)).await? {
        Commit::Done(response) => Ok(response),
        Commit::Failed(_) => Err(exists(&user)),
    }
}

fn created(access: &Access<'_>, request: &Request, user: &UserPath, signature: &MobileSignature) -> Response {
    let owner = user.user.as_str();
    let location = request.location(&[user.client.as_str(), "users", owner, "mobile-signature"]);
    let more = [(USER_EXT_ID, Some(owner.into()))];
    entity::respond_created(location, signature.ext_id.as_str(), signature, more, access.stamp().now)
}
