//! The function `list-personal-questions`: wiring only.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::personal_questions::list::OPERATION).await
}
