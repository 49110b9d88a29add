//! `GET /health`: returns whether the service works. For load balancers and monitors, which have no token.

use serde_json::{Value, json};
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::error::ApiError;
use shared::http::{Method, Request, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::service::{App, Health};

/// The status of a part that works, and of the service if all parts do.
const PASS: &str = "pass";
/// The status of a part that does not work, and of the service if any part does not.
const FAIL: &str = "fail";

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-health",
    method: Method::GET,
    path: "/health",
    entry: Entry::Public { handler: |app, request| Box::pin(handle(app, request)) },
    prepare: None,
    description: Description {
        summary: "Get the health of the service",
        details: "Returns whether the service is running, its table responds, and there are keys to verify tokens.",
        query: &[],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Object(&HEALTH),
            example: r#"{
                "status": "pass",
                "checks": {
                    "table": [{"status": "pass"}],
                    "bearerKeys": [{"status": "pass"}],
                    "xTokenKeys": [{"status": "pass"}]
                }
            }"#,
        }),
        failures: || {
            let health = Health { table: true, bearer_keys: vec![false], x_token_keys: true };
            vec![ApiError::Unhealthy(checks(&health))]
        },
        links: &[],
    },
};

const STATUS: FieldKind = FieldKind::Enum(&[PASS, FAIL]);

const HEALTH: ObjectSchema = ObjectSchema {
    name: "Health",
    description: "The health of the service.",
    parts: &[&[
        Field::required("status", STATUS, "`pass` if all checks pass."),
        Field::required("checks", FieldKind::Object(&CHECKS), "The parts of the service."),
    ]],
};

const CHECKS: ObjectSchema = ObjectSchema {
    name: "HealthChecks",
    description: "The health of the parts of the service.",
    parts: &[&[
        Field::required("table", FieldKind::Objects(&CHECK), "Whether the table responds."),
        Field::required(
            "bearerKeys",
            FieldKind::Objects(&CHECK),
            "Whether there are keys of the access tokens, for each issuer in the order of the configuration.",
        ),
        Field::required("xTokenKeys", FieldKind::Objects(&CHECK), "Whether there are keys of the X-Tokens."),
    ]],
};

const CHECK: ObjectSchema = ObjectSchema {
    name: "HealthCheck",
    description: "The health of a part of the service.",
    parts: &[&[Field::required("status", STATUS, "`pass` if the part works.")]],
};

async fn handle(app: &App, request: &Request) -> Result<Response, ApiError> {
    let health = app.health(request).await;
    let checks = checks(&health);
    if health.table && health.x_token_keys && health.bearer_keys.iter().all(|passes| *passes) {
        Ok(Response::ok(json!({"status": PASS, "checks": checks})))
    } else {
        Err(ApiError::Unhealthy(checks))
    }
}

fn checks(health: &Health) -> Value {
    let check = |passes: bool| json!({"status": if passes { PASS } else { FAIL }});
    json!({
        "table": [check(health.table)],
        "bearerKeys": health.bearer_keys.iter().map(|passes| check(*passes)).collect::<Vec<_>>(),
        "xTokenKeys": [check(health.x_token_keys)],
    })
}
