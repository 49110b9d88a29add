//! The API description (OpenAPI 3.1), which is generated from the list of operations.
//!
//! Rights, paths, fields, limits and errors come from the operations, and policies from the configuration.
//! [`version_3_0`] converts it for generators that do not read OpenAPI 3.1.

mod change_events;
mod examples;
mod failures;
mod operation;
mod parameters;
mod schemas;
mod tags;
mod version_3_0;

use functions::OPERATIONS;
use serde_json::{Map, Value, json};
use shared::operation::Operation;
use shared::policy::Settings;

pub(crate) use self::change_events::{asyncapi, event_schemas};
pub(crate) use self::examples::example;
pub(crate) use self::parameters::{examples, fill_path};
pub use self::version_3_0::version_3_0;
use crate::error::Error;

/// The part of the description that applies to all operations.
const INTRODUCTION: &str = "\
    Identity management: clients (tenants) with their units and policies, users with their profiles, properties, \
    credentials and consents, and the history of all of them. Implements operations of the nevisIDM Core REST API \
    v1.\n\n\
    - An *extId* (external identifier) identifies an entity in requests and responses.\n\
    - Request and response bodies are JSON in UTF-8. A request body is limited to 64 KiB. `null` is \
    equivalent to omitting the field. Unknown fields are invalid.\n\
    - Later versions can respond with further members, error codes and names. `x-extensible-enum` lists the values \
    that a text of a response has so far. Ignore members that you do not know.\n\
    - A request is executed completely or not at all, except for the deletion of a client or a user: it hides \
    everything at once, and may go on after the response 202. A request is checked in this order: route, method and size; \
    Bearer token; X-Token; rights; body; client, user and entity; rules that require stored data.\n\
    - An unknown path returns 404 with `errors.invalidUri`. An unsupported method of a path returns 405 with \
    `errors.unsupportedOperation` and the header `Allow`.\n\
    - `HEAD` is supported wherever `GET` is. The response has the same status and headers, and no body. \
    `OPTIONS` returns 204 on every path, with CORS headers for the origins that the deployment allows.\n\
    - Requests that change data accept an `Idempotency-Key`, which makes retries safe.";

/// Where the API is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The part of the URL before the API's base path: scheme, host, and the stage if there is one.
    pub base_url: &'static str,
    /// The description of the server.
    pub description: &'static str,
}

impl Server {
    /// Returns the local server.
    #[must_use]
    pub fn local_run() -> Self {
        Self { base_url: "http://127.0.0.1:8080", description: "Local server" }
    }

    /// Returns the server that serves the description.
    #[must_use]
    pub fn same_host() -> Self {
        Self { base_url: "", description: "This server" }
    }
}

/// The path of the server in the description: what the paths of all APIs begin with.
const SERVER_PATH: &str = "/nevisidm/api";

/// Returns the path of an operation in the description.
#[must_use]
pub fn path_of(operation: &Operation) -> String {
    operation.full_path().trim_start_matches(SERVER_PATH).to_owned()
}

/// Returns the description of all operations for a configuration.
///
/// If `unique` is given, appends it to names in examples, so that they are not in use.
///
/// # Errors
/// [`Error::Parameter`] if a parameter of a path has no description.
pub fn describe(settings: &Settings, server: &Server, unique: Option<&str>) -> Result<Value, Error> {
    let mut paths = Map::new();
    let mut names = schemas::Names::new(settings);
    for operation in OPERATIONS {
        let methods = paths.entry(path_of(operation)).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] =
            operation::describe(operation, &mut names, unique)?;
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Identity management",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Clients, units, users, profiles, credentials, properties, terms and consents.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": format!("{}{SERVER_PATH}", server.base_url), "description": server.description}],
        "tags": tags::of_all(&OPERATIONS),
        "paths": paths,
        "components": {
            "schemas": names.schemas(),
            "parameters": parameters::shared(),
            "headers": operation::headers(),
            "securitySchemes": {
                "bearerToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Access token (RFC 9068) with the identity and the roles of the \
                        caller. The values in a security requirement are the elementary rights that \
                        the roles must include.",
                },
                "xToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Token",
                    "description": "JWT that proves the recent re-authentication of a user. Required in \
                        addition to the Bearer token if the caller is the user of the path.",
                },
            },
        },
    }))
}
