//! `GET /{clientExtId}/users/{userExtId}/dispatch-targets`: returns a page of the dispatch targets of a user.

use std::collections::HashMap;

use serde_json::Value;
use shared::auth::{Needs, SelfService};
use shared::entity;
use shared::error::ApiError;
use shared::http::page::PageRequest;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, PAGE, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Part};
use shared::table::{Item, TableError};

use super::{ATTESTATION_PREFIX, DISPATCH_TARGET, DispatchTarget, SK_PREFIX, attached};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-dispatch-targets",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/dispatch-targets",
    entry: Entry::Authenticated {
        needs: Needs::any(&[Right::CredentialView, Right::DispatchTargetView])
            .or_self(SelfService::WithXToken),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List dispatch targets",
        details: "Returns a page of the dispatch targets of a user with their app attestations, ordered by external \
                  identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&DISPATCH_TARGET),
            example: r#"{
                "items": [{
                    "extId": "dt-123",
                    "type": "fido-uaf",
                    "deviceId": "d1",
                    "target": "target-1",
                    "signingKey": "signing-key-1",
                    "appId": "app",
                    "name": "Phone",
                    "stateName": "active",
                    "appAttestation": {
                        "deviceId": "d1", "receipt": "receipt-1", "publicKey": "public-key-1", "counter": 0
                    },
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
    let partition = UserPath::of(request).partition();
    let list = format!("dispatch-targets\n{partition}");
    let page = PageRequest::alone(request.query(), &list)?;
    // Every app attestation has the identifier of its target, so those of the page are among as many of them after
    // the same position.
    let part = |sk_prefix| Part {
        pk: &partition,
        copies: 1,
        sk_prefix,
        after: page.after.as_deref(),
        limit: page.limit,
    };
    let parts = [&part(SK_PREFIX), &part(ATTESTATION_PREFIX)];
    // Boxed: three concurrent calls have a large state.
    let [(targets, has_more), (attestations, _)] = Box::pin(access.get_parts(parts)).await?;
    let by_target = |item: Item| Ok((position(&item, ATTESTATION_PREFIX)?, item));
    let attestations: HashMap<String, Item> =
        attestations.into_iter().map(by_target).collect::<Result<_, TableError>>()?;
    let show = |item: &Item| {
        let mut target = entity::show::<DispatchTarget>(item)?;
        let (name, attestation) = attached(attestations.get(&position(item, SK_PREFIX)?))?;
        if let Some(attestation) = attestation {
            target[name] = attestation;
        }
        Ok(target)
    };
    let shown = targets.iter().map(show).collect::<Result<Vec<Value>, TableError>>()?;
    let next = targets.last().filter(|_| has_more).map(|item| position(item, SK_PREFIX)).transpose()?;
    Ok(page.respond(&shown, &list, next.as_deref(), None))
}

/// Returns the position of an item in a list: the sort key after its beginning.
fn position(item: &Item, sk_prefix: &str) -> Result<String, TableError> {
    item.key()?.sk().strip_prefix(sk_prefix).map(str::to_owned).ok_or(TableError::Corrupt)
}
