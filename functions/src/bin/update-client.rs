//! Entry point of the function `update-client`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::clients::update::OPERATION).await
}
