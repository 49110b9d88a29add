//! Entry point of the function `list-consents`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::consents::list::OPERATION).await
}
