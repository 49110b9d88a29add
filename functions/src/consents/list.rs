//! `GET /{clientExtId}/users/{userExtId}/consents`: returns all consents of a user.

use serde_json::Value;
use shared::auth::Needs;
use shared::entity::Entity as _;
use shared::entity::schema::{Field, FieldKind};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::TableError;

use super::{ANY_PREFIX, CONSENT, Consent, SK_PREFIX, SUBJECT, user_missing};
use crate::users::UserPath;

/// The query parameter that asks for withdrawn consents.
const WITHDRAWN: &str = "withdrawn";

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-consents",
    method: Method::GET,
    path: "/{clientExtId}/users/{userExtId}/consents",
    entry: Entry::Authenticated {
        needs: Needs::all(&[Right::ConsentView]),
        subject: SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List consents",
        details: "Returns all consents of a user, ordered by terms, version and time of the consent. Withdrawn ones \
                  are among them only on request.",
        query: &[Field::optional(
            WITHDRAWN,
            FieldKind::Boolean,
            "Whether the list has the withdrawn consents, too. The default is `false`.",
        )],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::List(&CONSENT),
            example: r#"[{
                "termsExtId": "terms-123",
                "termsVersion": "1",
                "acceptanceDate": "2026-01-01T00:00:00Z"
            }]"#,
        }),
        failures: || vec![user_missing(&UserPath::example(), "Default")],
        links: &[],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let mut query = request.query();
    let has_withdrawn = query.take_as(WITHDRAWN, |text| text.parse().ok()).unwrap_or_default();
    query.finish()?;

    let partition = UserPath::of(request).partition();
    let prefix = if has_withdrawn { ANY_PREFIX } else { SK_PREFIX };
    let (_, [], items) = access.get_and_query([], &partition, prefix).await?;
    let consents: Result<Vec<Consent>, TableError> = items.iter().map(Consent::load).collect();
    let mut consents = consents?;
    consents.sort_by(|one, other| one.order().cmp(&other.order()));
    Ok(Response::ok(consents.iter().map(Consent::show).collect::<Vec<Value>>().into()))
}
