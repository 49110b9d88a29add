//! Throughput of the local server, compared with direct calls to the engine and with a server that makes only
//! these calls.

use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::Result;
use crate::building::programs;

/// Rates of an operation, in requests per second.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rate {
    /// The operation.
    pub(crate) operation: String,
    /// Rate of the local server.
    pub(crate) server: f64,
    /// Rate of a server that makes only the table calls.
    pub(crate) calls_only: f64,
    /// Rate of the same calls, made directly at the engine.
    pub(crate) direct: f64,
}

/// Runs the load generator, [`call`](crate::call), and returns its rates.
pub(crate) async fn measure() -> Result<Vec<Rate>> {
    let mut callers =
        Command::new(programs()?.join("callers")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // Dropping standard input stops the load generator, even if this run is cancelled.
    let _input = callers.stdin.take();
    let mut output = callers.stdout.take().ok_or("the load generator has no standard output")?;
    let mut lines = String::new();
    output.read_to_string(&mut lines).await?;
    let status = callers.wait().await?;
    if !status.success() {
        return Err(format!("the load generator ended with {status}").into());
    }
    Ok(lines.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}
