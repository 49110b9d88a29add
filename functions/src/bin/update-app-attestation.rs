//! Entry point of the function `update-app-attestation`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::app_attestation::update::OPERATION).await
}
