//! Entry point of the function `create-property`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::properties::create::OPERATION).await
}
