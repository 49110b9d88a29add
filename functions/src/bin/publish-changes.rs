//! Entry point of the function `publish-changes`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::host::run_stream_job(&functions::history::publish::JOB).await
}
