//! Entry point of the function `list-clients`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::clients::list::OPERATION).await
}
