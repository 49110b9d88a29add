//! Entry point of the function `update-personal-question`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run(&functions::personal_questions::update::OPERATION).await
}
