//! Entry point of the function `update-unit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::update::OPERATION).await
}
