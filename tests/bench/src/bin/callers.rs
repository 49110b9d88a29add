//! Entry point of the load generator, which the benchmark starts.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The allocator of the local program, so that the comparison with direct calls is fair.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    bench::call().await
}
