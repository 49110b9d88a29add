//! Entry point of the function `create-unit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::create::OPERATION).await
}
