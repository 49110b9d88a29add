//! Entry point of the benchmark: `cargo run --release -p bench`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bench::run().await
}
