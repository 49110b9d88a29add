//! The function `get-dispatch-target`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::dispatch_targets::get::OPERATION).await
}
