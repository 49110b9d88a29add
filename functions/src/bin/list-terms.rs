//! Entry point of the function `list-terms`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::terms::list::OPERATION).await
}
