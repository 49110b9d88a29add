//! Entry point of the function `delete-unit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::delete::OPERATION).await
}
