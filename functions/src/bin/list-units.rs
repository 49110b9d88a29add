//! Entry point of the function `list-units`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::list::OPERATION).await
}
