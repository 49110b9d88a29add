//! `GET /health`: whether the table answers. For load balancers and monitors, which have no token.

use serde_json::json;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::service::App;

/// The one status that is answered; without it there is an error.
const PASS: &str = "pass";

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-health",
    method: Method::GET,
    path: "/health",
    entry: Entry::Public { handler: |app, request| Box::pin(handle(app, request)) },
    prepare: None,
    description: Description {
        summary: "Get the health of the service",
        details: "Whether the service runs and its table answers. Needs no token and tells nothing else.",
        query: &[],
        body: None,
        success: Success::Ok(Body { shape: Shape::Object(&HEALTH), example: r#"{"status": "pass"}"# }),
        failures: Vec::new,
        links: &[],
    },
};

const HEALTH: ObjectSchema = ObjectSchema {
    name: "Health",
    description: "The health of the service.",
    parts: &[&[Field::required("status", FieldKind::Enum(&[PASS]), "The table responds.")]],
};

async fn handle(app: &App, request: &Request) -> Result<Response, ApiError> {
    app.ask_table(request).await?;
    Ok(Response::ok(json!({"status": PASS})))
}
