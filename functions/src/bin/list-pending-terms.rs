//! Entry point of the function `list-pending-terms`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::terms::list_pending::OPERATION).await
}
