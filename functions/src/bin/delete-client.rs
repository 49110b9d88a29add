//! Entry point of the function `delete-client`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::clients::delete::OPERATION).await
}
