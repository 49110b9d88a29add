//! Entry point of the function `get-permissions`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::permissions::get::OPERATION).await
}
