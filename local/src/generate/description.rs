//! The API description `openapi.json` for the default configuration.

use super::Output;
use crate::environment::Environment;
use crate::error::Error;
use crate::keys::DevelopmentKeys;
use crate::openapi::{Server, describe};

/// Returns the file.
pub(super) fn output() -> Result<Output, Error> {
    let environment = Environment::new(&DevelopmentKeys::generate()?, [])?;
    let description = describe(&environment.config()?.settings, &Server::local_run(), None)?;
    Ok(Output::File { path: "openapi.json".to_owned(), content: format!("{description:#}\n") })
}
