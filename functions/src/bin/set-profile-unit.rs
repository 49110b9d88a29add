//! Entry point of the function `set-profile-unit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::profiles::set_unit::OPERATION).await
}
