//! Entry point of the function `get-deletion`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::deletions::get::OPERATION).await
}
