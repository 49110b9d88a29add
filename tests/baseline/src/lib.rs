//! Minimal functions that the benchmark compares the functions with.
//!
//! - `baseline-empty` responds with 204 and does not use AWS.
//! - `baseline-table` makes only the table calls that an operation cannot avoid. It has no rules and reads
//!   no token.
//! - `baseline-defaults` is `baseline-table` with the SDK's default features and configuration.

mod actions;
pub mod calls;
mod operations;

use std::process::ExitCode;

use aws_sdk_dynamodb::Client;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Error, Request, Response, service_fn};

use crate::calls::Calls;

/// Environment variable with the operation whose calls the baseline makes.
pub const OPERATION: &str = "BASELINE_OPERATION";
/// Environment variable with the table name.
pub const TABLE: &str = "TABLE_NAME";
/// Constant identifier at the end of the keys of created items.
const ID: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// Responds to every event with 204 until Lambda stops the process.
pub async fn serve_empty() -> ExitCode {
    exit_code(lambda_http::run(service_fn(async |_: Request| no_content())).await)
}

/// Makes the calls of the operation in [`OPERATION`] for every event until Lambda stops the process.
pub async fn serve_table(client: Client) -> ExitCode {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let Some(calls) = Calls::of(&variable(OPERATION), client, variable(TABLE)) else {
        eprintln!("{OPERATION} is not the name of an operation");
        return ExitCode::FAILURE;
    };
    // Like the functions, open the connection during the cold start.
    if let Err(error) = calls.open().await {
        eprintln!("connection to the table failed: {error}");
        return ExitCode::FAILURE;
    }
    let calls = &calls;
    let respond = async |_: Request| {
        calls.make(ID).await?;
        no_content()
    };
    exit_code(lambda_http::run(service_fn(respond)).await)
}

fn no_content() -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(StatusCode::NO_CONTENT).body(Body::Empty)?)
}

fn exit_code(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
