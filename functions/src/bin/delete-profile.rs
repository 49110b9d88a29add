//! Entry point of the function `delete-profile`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::profiles::delete::OPERATION).await
}
