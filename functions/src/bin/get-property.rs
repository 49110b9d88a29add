//! Entry point of the function `get-property`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::properties::get::OPERATION).await
}
