//! `GET /clients/{clientExtId}/users`: returns a page of the users of a client.

use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::ids::{MAX_BYTES, UserExtId};
use shared::operation::description::{Body, Description, Link, PAGE, Shape, Source, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::Access;
use shared::table::Item;

use super::{USER_DETAILS, User, UserPath, access_to, directory, directory_key};
use crate::clients;

/// The query parameter with the external identifier.
const EXT_ID: &str = "extId";
/// The query parameter with the beginning of the external identifier.
const EXT_ID_PREFIX: &str = "extId_SW";
/// The query parameter with the order.
const SORT_BY: &str = "sortBy";
/// The orders, of which there is one.
const ORDERS: &[&str] = &["extId", "extId_ASC"];

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "list-users",
    method: Method::GET,
    path: "/clients/{clientExtId}/users",
    entry: Entry::Authenticated {
        needs: Needs::all(&[
            Right::ClientView,
            Right::UserView,
            Right::PropertyView,
            Right::PropertyValueView,
            Right::PropertyAllowedValueView,
        ]),
        subject: clients::SUBJECT,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "List users",
        details: "Returns a page of the users of a client that the caller's data rooms cover, ordered by \
                  external identifier.",
        query: &[
            Field { ..PAGE[0] },
            Field { ..PAGE[1] },
            Field::optional(EXT_ID, FieldKind::Text { min: 1, max: usize::MAX }, "External identifier."),
            Field::optional(
                EXT_ID_PREFIX,
                FieldKind::Text { min: 1, max: MAX_BYTES },
                "Beginning of the external identifier. It cannot be combined with `extId`.",
            ),
            Field::optional(SORT_BY, FieldKind::Enum(ORDERS), "Order, which is always the same."),
        ],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Page(&USER_DETAILS),
            example: r#"{
                "items": [{
                    "extId": "user-123",
                    "clientExtId": "100",
                    "loginId": "jdoe",
                    "userState": "active",
                    "isTechnicalUser": false,
                    "name": {"firstName": "Jane", "familyName": "Doe"},
                    "created": "2026-01-01T00:00:00Z",
                    "lastModified": "2026-01-01T00:00:00Z",
                    "version": 0
                }],
                "_pagination": {"limit": 100},
                "_classifications": {}
            }"#,
        }),
        failures: Vec::new,
        links: &[Link { operation: "create-user", parameters: &[("clientExtId", Source::Path)] }],
    },
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let mut query = request.query();
    let exact = query.take(EXT_ID);
    let prefix = query.take(EXT_ID_PREFIX);
    if exact.as_deref() == Some("") {
        query.refuse(EXT_ID);
    }
    // The text becomes part of a key, which has a maximum length.
    let is_prefix = |text: &String| (1..=MAX_BYTES).contains(&text.len());
    if prefix.as_ref().is_some_and(|text| !is_prefix(text)) {
        query.refuse(EXT_ID_PREFIX);
    }
    if query.take(SORT_BY).is_some_and(|order| !ORDERS.contains(&order.as_str())) {
        query.refuse(SORT_BY);
    }

    let client = request.client();
    let (pk, sk_prefix) = directory(&client);
    let shown = |item: &Item| access.if_covered(&access_to(item)?, || clients::show::<User>(item));
    let prefix = prefix.unwrap_or_default();
    if let Some(exact) = exact {
        let matches = exact.starts_with(&prefix);
        let user = UserPath { client, user: UserExtId::unchecked(&exact) };
        let keys = matches.then(|| directory_key(&user)).into_iter().collect();
        return access.page_of(query, (&pk, sk_prefix), keys, shown).await;
    }
    let sk_prefix = format!("{sk_prefix}{prefix}");
    access.filtered_page(query, (&pk, &sk_prefix), shown).await
}
