//! Entry point of the function `delete-user`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::delete::OPERATION).await
}
