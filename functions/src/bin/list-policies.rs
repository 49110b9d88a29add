//! Entry point of the function `list-policies`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::policies::list::OPERATION).await
}
