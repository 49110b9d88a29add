//! Entry point of the function `get-health`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::health::get::OPERATION).await
}
