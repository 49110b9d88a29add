//! Entry point of the function `get-client`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::clients::get::OPERATION).await
}
