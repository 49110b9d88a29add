//! Entry point of the function `create-consent`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::consents::create::OPERATION).await
}
