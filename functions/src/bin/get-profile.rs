//! Entry point of the function `get-profile`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::profiles::get::OPERATION).await
}
