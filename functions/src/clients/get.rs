//! `GET /clients/{clientExtId}`: a client, as the `Location` of its creation names it.

use serde_json::json;
use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::body::MAX_REMARK;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, ResourceScope};

use super::{Client, key, missing};
use crate::history::{CREATED, LAST_MODIFIED, VERSION};

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-client",
    method: Method::GET,
    path: "/clients/{clientExtId}",
    entry: Entry::Authenticated {
        needs: Needs::All(&[Right::ClientView]),
        scope: ResourceScope::Client,
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

const CLIENT_DETAILS: ObjectSchema = ObjectSchema {
    name: "ClientDetails",
    description: "A client (a tenant).",
    fields: &[
        Field::required("extId", FieldKind::Text, "What it is named by."),
        Field::required("name", FieldKind::Text, "Its internal name."),
        Field::required("displayName", FieldKind::LocalizedText, "What it is called, by language."),
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
