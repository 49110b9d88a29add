//! Entry point of the function `list-unit-children`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::units::list_children::OPERATION).await
}
