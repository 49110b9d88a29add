//! Entry point of the function `get-terms`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::terms::get::OPERATION).await
}
