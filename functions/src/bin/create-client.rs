//! Entry point of the function `create-client`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::clients::create::OPERATION).await
}
