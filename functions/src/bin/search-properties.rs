//! Entry point of the function `search-properties`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::properties::search::OPERATION).await
}
