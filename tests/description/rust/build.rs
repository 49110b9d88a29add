//! Generates the client from the description in OpenAPI 3.0.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::Value;

const DESCRIPTION: &str = "../../../openapi-3.0.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={DESCRIPTION}");
    let mut description: Value = serde_json::from_str(&fs::read_to_string(DESCRIPTION)?)?;
    // The errors of an operation have one type in the client, but this one is not a `Failure`.
    if let Some(responses) = description["paths"]["/core/v1/health"]["get"]["responses"].as_object_mut() {
        responses.remove("503");
    }
    let mut generator = Generator::new(GenerationSettings::new().with_interface(InterfaceStyle::Builder));
    let client = generator.generate_tokens(&serde_json::from_value(description)?)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("client.rs"), client.to_string())?;
    Ok(())
}
