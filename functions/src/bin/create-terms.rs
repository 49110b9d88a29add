//! Entry point of the function `create-terms`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::terms::create::OPERATION).await
}
