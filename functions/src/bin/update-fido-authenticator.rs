//! Entry point of the function `update-fido-authenticator`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::fido_authenticators::update::OPERATION).await
}
