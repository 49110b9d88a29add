//! Entry point of the function `create-fido-authenticator`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::fido_authenticators::create::OPERATION).await
}
