//! `cargo run`: runs the service on this machine.

use std::process::ExitCode;

use clap::Parser;
use local::cli::Cli;
use mimalloc::MiMalloc;

/// Memory of a request is often allocated on one thread and freed on another. The C library's allocator would
/// make these threads wait for each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
