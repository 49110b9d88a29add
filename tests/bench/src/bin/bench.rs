//! `cargo run --release -p bench`: what the functions cost, beside the least that is possible.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bench::run().await
}
