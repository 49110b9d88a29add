//! `GET /clients/{clientExtId}`: a client, as the `Location` of its creation names it.

use serde_json::json;
use shared::app::{Access, Scope};
use shared::auth::Needs;
use shared::auth::rights::Right;
use shared::body::MAX_REMARK;
use shared::description::{Body, Description, Field, FieldKind, Object, Shape, Success};
use shared::error::ApiError;
use shared::http::{Entry, Method, Operation, Request, Response};

use super::{Client, key, missing};
use crate::history::{CREATED, LAST_MODIFIED, VERSION};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-client",
    method: Method::GET,
    path: "/clients/{clientExtId}",
    entry: Entry::Admitted {
        needs: Needs::All(&[Right::ClientView]),
        scope: Scope::Client,
        handler: |access, request| Box::pin(handle(access, request)),
    },
    prepare: None,
    description: Description {
        summary: "Get a client",
        details: "A client, as the `Location` of its creation names it.",
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Object(&CLIENT_DETAILS),
            example: r#"{
                "extId": "100",
                "name": "Default",
                "displayName": {"EN": "Default"},
                "created": "2026-01-01T00:00:00Z",
                "lastModified": "2026-01-01T00:00:00Z",
                "version": 0
            }"#,
        }),
        failures: Vec::new,
        links: &[],
    },
};

const CLIENT_DETAILS: Object = Object {
    name: "ClientDetails",
    about: "A client (a tenant).",
    fields: &[
        Field::required("extId", FieldKind::Text, "What it is named by."),
        Field::required("name", FieldKind::Text, "Its internal name."),
        Field::required("displayName", FieldKind::Texts, "What it is called, by language."),
        Field::optional("remarks", FieldKind::TextUpTo(MAX_REMARK), "A remark about it."),
        CREATED,
        LAST_MODIFIED,
        VERSION,
    ],
};

async fn handle(access: &Access<'_>, request: &Request) -> Result<Response, ApiError> {
    let client = request.client();
    let [item] = access.get([&key(&client)]).await?;
    let item = item.ok_or_else(|| missing(&client))?;
    let client = Client::from_item(&item)?;
    let mut body = json!({
        "extId": client.ext_id.as_str(),
        "name": client.name,
        "displayName": client.display_name,
    });
    if let Some(remarks) = client.remarks {
        body["remarks"] = remarks.into();
    }
    Ok(Response::ok(item.with_history(body)?))
}
