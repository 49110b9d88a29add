//! Entry point of the function `list-user-credentials`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::credentials::list::OPERATION).await
}
