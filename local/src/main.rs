//! `cargo run`: the service on this machine.

use std::process::ExitCode;

use clap::Parser;
use local::cli::Cli;
use mimalloc::MiMalloc;

/// What a request allocates on one thread is often freed on another one; with the C library's allocator the
/// two wait for each other.
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
