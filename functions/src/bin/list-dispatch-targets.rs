//! Entry point of the function `list-dispatch-targets`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::dispatch_targets::list::OPERATION).await
}
