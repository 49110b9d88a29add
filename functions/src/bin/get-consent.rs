//! Entry point of the function `get-consent`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::consents::get::OPERATION).await
}
