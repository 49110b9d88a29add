//! Runs a function in a separate process.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::lambda::{Host, Signal, serve};
use crate::Result;
use crate::moment::{self, millis};

/// Time-out of a cold start or a response. It is long enough for a function that runs under valgrind.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A program that can be started as a function.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Name of the program.
    pub(crate) name: String,
    /// Path of the executable.
    pub(crate) path: PathBuf,
    /// Command line of the tool that runs the program. Empty if there is none.
    pub(crate) tool: Vec<String>,
    /// Environment variables, in addition to Lambda's own.
    pub(crate) variables: Vec<(String, String)>,
}

/// A running function. Dropping it kills the process.
pub(crate) struct Function {
    name: String,
    child: Child,
    serving: JoinHandle<()>,
    events: mpsc::UnboundedSender<Bytes>,
    signals: mpsc::UnboundedReceiver<Signal>,
    started: Instant,
}

/// A response of a function.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// HTTP status, or 0 if the response has none.
    pub(crate) status: u16,
    /// The whole response, as JSON.
    pub(crate) body: Bytes,
    /// Time from the delivery of the event until the response.
    pub(crate) duration: Duration,
}

impl Response {
    /// Returns the duration in milliseconds.
    pub(crate) fn millis(&self) -> f64 {
        millis(self.duration)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    status_code: u16,
}

impl Function {
    /// Starts a program.
    pub(crate) async fn start(program: &Program) -> Result<Self> {
        let (events, received) = mpsc::unbounded_channel();
        let (sender, signals) = mpsc::unbounded_channel();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(listener, Host::new(received, sender)));
        let mut command = match program.tool.split_first() {
            Some((tool, arguments)) => {
                let mut command = Command::new(tool);
                command.args(arguments).arg(&program.path);
                command
            }
            None => Command::new(&program.path),
        };
        command
            .env_clear()
            .envs(program.variables.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &program.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let started = moment::now();
        let child = command.spawn().map_err(|error| format!("{} failed to start: {error}", program.name))?;
        Ok(Self { name: program.name.clone(), child, serving, events, signals, started })
    }

    /// Waits until the function requests an event. Returns the time since the start of the process.
    pub(crate) async fn ready(&mut self) -> Result<Duration> {
        match self.next().await? {
            Signal::Ready(at) => Ok(at - self.started),
            _ => Err(format!("{} responded before it requested an event", self.name).into()),
        }
    }

    /// Delivers an event and waits for the response and for the request of the next event.
    pub(crate) async fn invoke(&mut self, event: Bytes) -> Result<Response> {
        self.events.send(event)?;
        let Signal::Delivered(at) = self.next().await? else {
            return Err(format!("{} did not accept the event", self.name).into());
        };
        let (responded, body) = match self.next().await? {
            Signal::Responded(at, body) => (at, body),
            Signal::Failed(reason) => {
                return Err(format!("{} failed: {}", self.name, String::from_utf8_lossy(&reason)).into());
            }
            _ => return Err(format!("{} did not respond", self.name).into()),
        };
        if !matches!(self.next().await?, Signal::Ready(_)) {
            return Err(format!("{} responded twice", self.name).into());
        }
        let status = serde_json::from_slice::<Status>(&body).map_or(0, |status| status.status_code);
        Ok(Response { status, body, duration: responded - at })
    }

    /// Calls [`Self::invoke`] and reports any other status than this one as an error.
    pub(crate) async fn invoke_for(&mut self, event: Bytes, status: u16) -> Result<Response> {
        let response = self.invoke(event).await?;
        if response.status == status {
            return Ok(response);
        }
        let body = String::from_utf8_lossy(&response.body);
        Err(format!("{} responded with {} instead of {status}: {body}", self.name, response.status).into())
    }

    /// Returns the process ID, or `None` if the process has ended.
    pub(crate) fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the process, as Lambda does, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Terminates the process and waits until it has ended. A tool such as valgrind then writes its output.
    pub(crate) async fn end(mut self) -> Result<()> {
        let process = self.process().ok_or("the function has ended")?.to_string();
        Command::new("kill").arg(process).status().await?;
        timeout(TIMEOUT, self.child.wait()).await??;
        Ok(())
    }

    async fn next(&mut self) -> Result<Signal> {
        tokio::select! {
            biased;
            signal = timeout(TIMEOUT, self.signals.recv()) => {
                signal?.ok_or_else(|| format!("{}: the Lambda emulation has ended", self.name).into())
            }
            status = self.child.wait() => Err(format!("{} ended: {}", self.name, status?).into()),
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
