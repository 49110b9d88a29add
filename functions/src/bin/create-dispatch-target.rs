//! Entry point of the function `create-dispatch-target`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::dispatch_targets::create::OPERATION).await
}
