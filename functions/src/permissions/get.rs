//! `GET /nevisidm/api/principal/v1/permissions`: returns the caller's elementary rights.

use std::collections::BTreeSet;

use serde_json::json;
use shared::auth::Needs;
use shared::entity::schema::{Field, FieldKind, ObjectSchema};
use shared::http::{Method, Response};
use shared::operation::description::{Body, Description, Shape, Success};
use shared::operation::{Entry, Operation};
use shared::rights::Right;
use shared::service::{Access, Subject};

/// The operation, as listed in [`OPERATIONS`](crate::OPERATIONS).
pub const OPERATION: Operation = Operation {
    id: "get-permissions",
    method: Method::GET,
    path: "/nevisidm/api/principal/v1/permissions",
    entry: Entry::Authenticated {
        needs: Needs::all(&[]),
        subject: Subject::GLOBAL_VIEW,
        handler: |access, _| Box::pin(async { Ok(respond(access)) }),
    },
    prepare: None,
    description: Description {
        summary: "Get the caller's permissions",
        details: "Returns the elementary rights that the caller's roles carry, in alphabetical order. The \
                  data rooms of the roles are not returned.",
        query: &[],
        body: None,
        success: Success::Ok(Body {
            shape: Shape::Object(&PERMISSIONS),
            example: r#"{"elementaryPermissions": ["AccessControl.ClientView", "AccessControl.SelfAdmin"]}"#,
        }),
        failures: Vec::new,
        links: &[],
    },
};

const PERMISSIONS: ObjectSchema = ObjectSchema {
    name: "Permissions",
    description: "The rights of the caller.",
    parts: &[&[Field::required(
        "elementaryPermissions",
        FieldKind::TextSet,
        "Elementary rights, in alphabetical order.",
    )]],
};

fn respond(access: &Access<'_>) -> Response {
    let names: BTreeSet<&str> = access.rights().into_iter().map(Right::name).collect();
    Response::ok(json!({"elementaryPermissions": names}))
}
