//! Entry point of the function `update-dispatch-target`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::dispatch_targets::update::OPERATION).await
}
