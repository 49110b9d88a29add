//! Entry point of the function `get-policy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::policies::get::OPERATION).await
}
