//! The description of the API, OpenAPI 3.1, made from the list of operations.
//!
//! Nothing is said here that the code says elsewhere: rights, paths, fields, limits and failures are
//! read from the operations, the policies from the configuration.

mod examples;
mod failures;
mod operation;
mod parameters;
mod schemas;

use functions::OPERATIONS;
use serde_json::{Map, Value, json};
use shared::http::BASE_PATH;
use shared::policy::Settings;

pub(crate) use self::examples::example;
pub(crate) use self::parameters::{examples, fill_path};
use crate::error::Error;

/// What a reader has to know of all operations.
const INTRODUCTION: &str = "\
    Identity management: clients (tenants), consents, personal questions, mobile signatures and \
    dispatch targets. Speaks the nevisIDM Core REST API v1.\n\n\
    - An *extId* (external identifier) is what a caller names a thing by.\n\
    - Bodies are JSON in UTF-8, at most 64 KiB. `null` is the same as left out. Unknown fields are not \
    valid.\n\
    - A request is done as a whole or not at all. Checks come in this order: route, method and size; \
    Bearer token; X-Token; rights; body; client, user and object; rules that need stored data.\n\
    - An address that no operation has is answered with 404 `errors.invalidUri`, another method with 405 \
    `errors.unsupportedOperation` and the header `Allow`.\n\
    - A change may carry an `Idempotency-Key`, and can then be sent again without harm.";

/// Where the API is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What stands before the API's base path: scheme, host, and the stage where there is one.
    pub base_url: &'static str,
    /// What it is.
    pub description: &'static str,
}

impl Server {
    /// The servers of a description that is read without one: the local run.
    #[must_use]
    pub fn local_run() -> Self {
        Self { base_url: "http://127.0.0.1:8080", description: "The local run" }
    }

    /// The server that the description itself was got from.
    #[must_use]
    pub fn same_host() -> Self {
        Self { base_url: "", description: "This server" }
    }
}

/// The description of all operations where they are configured like this. Names in examples end with
/// `unique`, where there is one, so that they are not taken.
///
/// # Errors
/// [`Error::Parameter`] if a parameter of a path has no description.
pub fn describe(settings: &Settings, server: &Server, unique: Option<&str>) -> Result<Value, Error> {
    let mut paths = Map::new();
    let mut names = schemas::Names::new(settings);
    for operation in OPERATIONS {
        let methods = paths.entry(operation.path).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] =
            operation::describe(operation, &mut names, unique)?;
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Identity management",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Clients, consents, personal questions, mobile signatures, dispatch targets.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": format!("{}{BASE_PATH}", server.base_url), "description": server.description}],
        "tags": operation::tags(),
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
                    "description": "An access token after RFC 9068, which says who is calling and with which \
                        roles. The texts behind it name the elementary rights that the roles have to carry.",
                },
                "xToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Token",
                    "description": "A JWT that shows that users who act upon themselves were authenticated again \
                        just now. Needed whenever the caller is the user of the path, beside the Bearer token.",
                },
            },
        },
    }))
}
