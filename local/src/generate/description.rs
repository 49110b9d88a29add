//! The API descriptions `openapi.json` and `openapi-3.0.json` for the default configuration.

use serde_json::Value;

use super::Output;
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::DevelopmentKeys;
use crate::openapi::{Server, describe, version_3_0};

/// Returns the description.
pub(super) fn description() -> Result<Value, Error> {
    let environment = Environment::new(&DevelopmentKeys::generate()?, [])?;
    describe(&environment.config()?.settings, &Server::local_run(), None)
}

/// Returns the files.
pub(super) fn outputs() -> Result<[Output; 2], Error> {
    let description = description()?;
    let file = |path: &str, description: &Value| Output::File {
        path: path.to_owned(),
        content: format!("{description:#}\n"),
    };
    Ok([file("openapi.json", &description), file("openapi-3.0.json", &version_3_0(description.clone()))])
}
