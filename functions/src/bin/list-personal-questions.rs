//! Entry point of the function `list-personal-questions`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::personal_questions::list::OPERATION).await
}
