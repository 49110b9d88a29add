//! Entry point of the baseline with the functions' connection to the table.

use std::process::ExitCode;

use shared::table::connection;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match connection::from_environment(|name| std::env::var(name).ok()) {
        Ok(connection) => baseline::serve_table(connection.client).await,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
