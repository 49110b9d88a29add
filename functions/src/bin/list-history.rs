//! Entry point of the function `list-history`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::history::list::OPERATION).await
}
