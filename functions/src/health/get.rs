//! `GET /health`: returns whether the table responds. For load balancers and monitors, which have no token.

use serde_json::json;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::service::App;

/// The only status. If the table does not respond, the operation returns an error.
const PASS: &str = "pass";

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-health",
    method: Method::GET,
    path: "/health",
    entry: Entry::Public { handler: |app, request| Box::pin(handle(app, request)) },
    prepare: None,
    description: Description {
        summary: "Get the health of the service",
        details: "Returns whether the service is running and its table responds.",
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
