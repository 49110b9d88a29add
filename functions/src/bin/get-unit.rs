//! Entry point of the function `get-unit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::get::OPERATION).await
}
