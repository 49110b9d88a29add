//! The local server under many callers, beside the same calls made straight at the engine, and by a
//! server that does nothing else.

use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::Result;
use crate::building::programs;

/// Requests a second.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rate {
    /// The operation.
    pub(crate) operation: String,
    /// Of the local server.
    pub(crate) server: f64,
    /// Of a server that only makes the calls.
    pub(crate) bare: f64,
    /// Of the same calls, made straight at the engine.
    pub(crate) straight: f64,
}

/// Measures all three, as [`call`](crate::call) does.
pub(crate) async fn measure() -> Result<Vec<Rate>> {
    let mut callers =
        Command::new(programs()?.join("callers")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // They end when this is dropped, however that comes about.
    let _input = callers.stdin.take();
    let mut output = callers.stdout.take().ok_or("no output")?;
    let mut lines = String::new();
    output.read_to_string(&mut lines).await?;
    let status = callers.wait().await?;
    if !status.success() {
        return Err(format!("the callers ended with {status}").into());
    }
    Ok(lines.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}
