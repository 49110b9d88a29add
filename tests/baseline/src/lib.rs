//! The least that a function can be: what the benchmark compares the functions with.
//!
//! `floor-empty` answers and knows no AWS. `floor-table` makes, for each request, the bare calls to
//! the table that an operation cannot do without; it has no rules and looks at no token.
//! `floor-defaults` is the same with the SDK as it comes.

mod actions;
pub mod calls;
mod operations;

use std::process::ExitCode;

use aws_sdk_dynamodb::Client;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Error, Request, Response, service_fn};

use crate::calls::Calls;

/// The variable that names the operation whose calls are made.
pub const OPERATION: &str = "FLOOR_OPERATION";
/// The variable that names the table.
pub const TABLE: &str = "TABLE_NAME";
/// What the keys of the items that are made end with, always the same.
const ID: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/// Answers each event, whatever is in it, until Lambda stops the program.
pub async fn serve_empty() -> ExitCode {
    ended(lambda_http::run(service_fn(async |_: Request| no_content())).await)
}

/// Makes the calls of the operation in [`OPERATION`] for each event, until Lambda stops the program.
pub async fn serve_table(client: Client) -> ExitCode {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let Some(calls) = Calls::of(&variable(OPERATION), client, variable(TABLE)) else {
        eprintln!("{OPERATION} names no operation");
        return ExitCode::FAILURE;
    };
    // As the functions do while they start: the connection is open when the first request comes.
    if let Err(error) = calls.open().await {
        eprintln!("the table does not answer: {error}");
        return ExitCode::FAILURE;
    }
    let calls = &calls;
    let answer = async |_: Request| {
        calls.make(ID).await?;
        no_content()
    };
    ended(lambda_http::run(service_fn(answer)).await)
}

fn no_content() -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(StatusCode::NO_CONTENT).body(Body::Empty)?)
}

fn ended(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
