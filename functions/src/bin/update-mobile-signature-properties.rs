//! Entry point of the function `update-mobile-signature-properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::mobile_signature::update_properties::OPERATION).await
}
