//! The floor with a table, reached as the functions reach it: wiring only.

use aws_config::BehaviorVersion;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let sdk = aws_config::defaults(BehaviorVersion::latest()).load().await;
    floors::serve_table(shared::table::client(&sdk)).await
}
