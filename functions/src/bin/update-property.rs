//! Entry point of the function `update-property`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::properties::update::OPERATION).await
}
