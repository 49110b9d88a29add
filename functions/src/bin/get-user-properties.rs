//! Entry point of the function `get-user-properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::users::get_properties::OPERATION).await
}
