//! Entry point of the function `list-fido-authenticators`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::fido_authenticators::list::OPERATION).await
}
