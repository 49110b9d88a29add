//! The floor without a table: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    baseline::serve_empty().await
}
