//! The callers of the local server, which the benchmark starts.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// That of the local program: a server and those that call the engine past it are to differ in nothing else.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    bench::call().await
}
