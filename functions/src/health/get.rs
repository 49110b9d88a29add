//! `GET /health`: whether the table answers. For load balancers and monitors, which have no token.

use serde_json::json;
use shared::app::App;
use shared::description::{Body, Description, Field, FieldKind, Object, Shape, Success};
use shared::error::ApiError;
use shared::http::{Entry, Method, Operation, Request, Response};

/// The one status that is answered; without it there is an error.
const PASS: &str = "pass";

/// See the list of operations.
pub const OPERATION: Operation = Operation {
    id: "get-health",
    method: Method::GET,
    path: "/health",
    entry: Entry::Open { handler: |app, request| Box::pin(handle(app, request)) },
    prepare: None,
    description: Description {
        summary: "Get the health of the service",
        details: "Whether the service runs and its table answers. Needs no token and tells nothing else.",
        body: None,
        success: Success::Ok(Body { shape: Shape::Object(&HEALTH), example: r#"{"status": "pass"}"# }),
        failures: Vec::new,
        links: &[],
    },
};

const HEALTH: Object = Object {
    name: "Health",
    about: "The health of the service.",
    fields: &[Field::required("status", FieldKind::OneOf(&[PASS]), "The table answers.")],
};

async fn handle(app: &App, request: &Request) -> Result<Response, ApiError> {
    app.ask_table(request).await?;
    Ok(Response::ok(json!({"status": PASS})))
}
