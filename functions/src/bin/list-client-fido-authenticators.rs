//! Entry point of the function `list-client-fido-authenticators`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::fido_authenticators::list_of_client::OPERATION).await
}
