//! The descriptions of requests, `openapi.json` and `openapi-3.0.json`, and of events, `asyncapi.json` and `events`, for
//! the default configuration.

use serde_json::Value;
use shared::policy::Settings;

use super::Output;
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::DevelopmentKeys;
use crate::openapi::{Server, asyncapi, describe, event_schemas, version_3_0};

/// The folder of the schemas of events.
pub(super) const EVENTS: &str = "events";

/// Returns the settings of the default configuration.
fn settings() -> Result<Settings, Error> {
    Ok(Environment::new(&DevelopmentKeys::generate()?, [])?.config()?.settings)
}

/// Returns the description of requests.
fn description() -> Result<Value, Error> {
    describe(&settings()?, &Server::local_run(), None)
}

/// Returns the files.
pub(super) fn outputs() -> Result<Vec<Output>, Error> {
    let description = description()?;
    let file = |path: &str, description: &Value| Output::File {
        path: path.to_owned(),
        content: format!("{description:#}\n"),
    };
    let mut files = vec![
        file("openapi.json", &description),
        file("openapi-3.0.json", &version_3_0(description.clone())),
        file("asyncapi.json", &asyncapi(EVENTS)),
    ];
    let schemas = event_schemas(&settings()?);
    files.extend(schemas.iter().map(|(name, schema)| file(&format!("{EVENTS}/{name}.json"), schema)));
    Ok(files)
}
