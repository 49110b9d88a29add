//! Entry point of the function `list-users`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::list::OPERATION).await
}
