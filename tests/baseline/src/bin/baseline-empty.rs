//! Entry point of the baseline without a table.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    baseline::serve_empty().await
}
