//! A function that runs, in a process of its own.

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

use super::lambda::{Host, News, serve};
use crate::Result;
use crate::moment::{self, millis};

/// How long a start or an answer may take: a function that runs in an emulated processor too.
const LONGEST: Duration = Duration::from_mins(2);

/// A program that can be started as a function.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What it is called.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The command line of the tool that runs it; empty where it runs by itself.
    pub(crate) tool: Vec<String>,
    /// All that its environment holds beside Lambda's own variables.
    pub(crate) variables: Vec<(String, String)>,
}

/// A function that runs. It ends with this value.
pub(crate) struct Function {
    name: String,
    child: Child,
    serving: JoinHandle<()>,
    events: mpsc::UnboundedSender<Bytes>,
    news: mpsc::UnboundedReceiver<News>,
    started: Instant,
}

/// An answer of a function.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Its status; 0 when the function gave none.
    pub(crate) status: u16,
    /// What the function said.
    pub(crate) body: Bytes,
    /// From handing out the event to this.
    pub(crate) took: Duration,
}

impl Answer {
    /// How long it took, in milliseconds.
    pub(crate) fn millis(&self) -> f64 {
        millis(self.took)
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
        let (told, news) = mpsc::unbounded_channel();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(listener, Host::new(received, told)));
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
        let child = command.spawn().map_err(|error| format!("{} does not start: {error}", program.name))?;
        Ok(Self { name: program.name.clone(), child, serving, events, news, started })
    }

    /// Waits until it asks for work. Returns how long it took from its start.
    pub(crate) async fn ready(&mut self) -> Result<Duration> {
        match self.next().await? {
            News::Asked(at) => Ok(at - self.started),
            _ => Err(format!("{} answers before it is asked", self.name).into()),
        }
    }

    /// Hands it an event, waits for the answer, and until it asks for work again.
    pub(crate) async fn invoke(&mut self, event: Bytes) -> Result<Answer> {
        self.events.send(event)?;
        let News::HandedOut(at) = self.next().await? else {
            return Err(format!("{} did not take the event", self.name).into());
        };
        let (answered, body) = match self.next().await? {
            News::RequestRecord(answered, body) => (answered, body),
            News::Failed(reason) => {
                return Err(format!("{} failed: {}", self.name, String::from_utf8_lossy(&reason)).into());
            }
            _ => return Err(format!("{} did not answer", self.name).into()),
        };
        if !matches!(self.next().await?, News::Asked(_)) {
            return Err(format!("{} answered twice", self.name).into());
        }
        let status = serde_json::from_slice::<Status>(&body).map_or(0, |status| status.status_code);
        Ok(Answer { status, body, took: answered - at })
    }

    /// As [`Self::invoke`]; another status than this one is a failure.
    pub(crate) async fn invoke_for(&mut self, event: Bytes, status: u16) -> Result<Answer> {
        let answer = self.invoke(event).await?;
        if answer.status == status {
            return Ok(answer);
        }
        let body = String::from_utf8_lossy(&answer.body);
        Err(format!("{} answered {} instead of {status}: {body}", self.name, answer.status).into())
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it as Lambda does, and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// Asks it to end, and waits until it has: a tool around it writes its figures then.
    pub(crate) async fn end(mut self) -> Result<()> {
        let process = self.process().ok_or("it has ended")?.to_string();
        Command::new("kill").arg(process).status().await?;
        timeout(LONGEST, self.child.wait()).await??;
        Ok(())
    }

    async fn next(&mut self) -> Result<News> {
        tokio::select! {
            biased;
            news = timeout(LONGEST, self.news.recv()) => {
                news?.ok_or_else(|| format!("{}: its host has ended", self.name).into())
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
