//! Entry point of the function `update-user`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::update::OPERATION).await
}
