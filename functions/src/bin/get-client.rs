//! The function `get-client`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::run(&functions::clients::get::OPERATION).await
}
