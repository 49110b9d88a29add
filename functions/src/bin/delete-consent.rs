//! Entry point of the function `delete-consent`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::consents::delete::OPERATION).await
}
