//! Entry point of the function `sweep-deletions`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run_job(&functions::deletions::sweep::JOB).await
}
