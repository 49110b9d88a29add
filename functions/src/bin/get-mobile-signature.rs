//! Entry point of the function `get-mobile-signature`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::mobile_signature::get::OPERATION).await
}
