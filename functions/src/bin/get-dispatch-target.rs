//! Entry point of the function `get-dispatch-target`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::dispatch_targets::get::OPERATION).await
}
