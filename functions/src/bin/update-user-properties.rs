//! Entry point of the function `update-user-properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::update_properties::OPERATION).await
}
