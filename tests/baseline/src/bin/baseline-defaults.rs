//! Entry point of the baseline with the SDK's default connection to the table.

use aws_config::BehaviorVersion;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
    baseline::serve_table(aws_sdk_dynamodb::Client::new(&sdk)).await
}
