//! Entry point of the function `list-client-properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::properties::list::OPERATION).await
}
