//! `GET /{clientExtId}/users/{userExtId}/profiles`: returns a page of the profiles of a user.

use shared::auth::{Needs, SelfService};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::Item;

use super::{PREFIX, PROFILE, access_to, show};
use crate::users::{self, UserPath};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-profiles",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/profiles",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::UserView, Right::ProfileView]).or_self(SelfService::Allowed),
        subject: users::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List the profiles of a user",
        details: "Returns a page of the profiles of a user that the caller's data rooms cover, ordered by \
                  external identifier.",
        query: PAGE,
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&PROFILE),
            example: r#"{
                "items": [{
                    "extId": "profile-100",
                    "clientExtId": "100",
                    "userExtId": "user-123",
                    "unitExtId": "legal",
                    "profileState": "active",
                    "isDefaultProfile": true,
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: || vec![UserPath::example().missing("Default")],
        links: &[Link {
            operation: "create-profile",
            parameters: &[("clientExtId", Source::Path), ("userExtId", Source::Path)],
        }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let partition = UserPath::of(request).partition();
    let shown = |item: &Item| access.if_covered(&access_to(item)?, || show(item));
    access.filtered_page(request.query(), (&partition, PREFIX), shown).await
}
