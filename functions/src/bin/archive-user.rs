//! Entry point of the function `archive-user`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::archive::OPERATION).await
}
