//! The function `create-client`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::run(&functions::clients::create::OPERATION).await
}
