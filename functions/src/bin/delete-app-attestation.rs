//! Entry point of the function `delete-app-attestation`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::app_attestation::delete::OPERATION).await
}
