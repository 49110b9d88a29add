//! Entry point of the function `create-user`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::create::OPERATION).await
}
