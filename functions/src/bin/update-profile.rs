//! Entry point of the function `update-profile`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::profiles::update::OPERATION).await
}
