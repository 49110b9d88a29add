//! Entry point of the function `update-terms`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::terms::update::OPERATION).await
}
