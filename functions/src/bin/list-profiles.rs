//! Entry point of the function `list-profiles`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::profiles::list::OPERATION).await
}
