//! A function as Lambda runs it: a process that polls a Runtime API for events.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::{Process, program};
use crate::faults::wire::Message;

/// Time-out of a process on a busy machine.
const LONGEST: Duration = Duration::from_mins(1);

/// A running function.
pub(super) struct Function {
    process: Process,
    events: UnboundedSender<Value>,
    answers: UnboundedReceiver<Value>,
}

/// The Runtime API of one function.
#[derive(Clone)]
struct Api {
    events: Arc<Mutex<UnboundedReceiver<Value>>>,
    polled: UnboundedSender<()>,
    answers: UnboundedSender<Value>,
}

impl Function {
    /// Starts the function of an operation and waits until it requests its first event.
    pub(super) async fn start(operation: &str, variables: &[(String, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (events, events_of_api) = unbounded_channel();
        let (answers_of_api, answers) = unbounded_channel();
        let (polled, mut polls) = unbounded_channel();
        let api = Api { events: Arc::new(Mutex::new(events_of_api)), polled, answers: answers_of_api };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(api.clone().serve(connection));
            }
        });
        let mut command = command(operation, variables, &address);
        let process = Process(command.stdout(Stdio::null()).spawn().expect("the function starts"));
        let function = Self { process, events, answers };
        timeout(LONGEST, polls.recv()).await.expect("the function requests an event");
        function
    }

    /// Delivers an event without waiting for the response.
    pub(super) fn deliver(&self, event: Value) {
        self.events.send(event).expect("an API");
    }

    /// Returns the response to the delivered event.
    pub(super) async fn answer(&mut self) -> Value {
        timeout(LONGEST, self.answers.recv()).await.expect("an answer in time").expect("an answer")
    }

    /// Kills the process.
    ///
    /// Panics if it has already responded.
    pub(super) fn kill(mut self) {
        assert!(self.answers.try_recv().is_err(), "the function has responded before it is killed");
        self.process.kill();
    }
}

/// Returns the command that starts the function of an operation at a Runtime API.
pub(super) fn command(operation: &str, variables: &[(String, String)], api: &str) -> Command {
    let mut command = Command::new(program(operation));
    command.env_clear().env("AWS_LAMBDA_RUNTIME_API", api);
    for (name, value) in [("NAME", operation), ("MEMORY_SIZE", "256"), ("VERSION", "$LATEST")] {
        command.env(format!("AWS_LAMBDA_FUNCTION_{name}"), value);
    }
    command.envs(variables.iter().cloned());
    command
}

impl Api {
    async fn serve(self, mut connection: TcpStream) {
        while let Ok(Some(request)) = Message::read(&mut connection).await {
            let answer = if request.line().contains("/invocation/next") {
                // The receiver is dropped after the first request.
                let _ = self.polled.send(());
                let Some(event) = self.events.lock().await.recv().await else { return };
                Message::answer(200, &event)
                    .with_header("lambda-runtime-aws-request-id", "invocation")
                    .with_header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:::function:f")
                    .with_header("lambda-runtime-deadline-ms", "0")
            } else {
                assert!(request.line().contains("/response "), "{}", request.line());
                let _ = self.answers.send(request.json());
                Message::answer(202, &json!({}))
            };
            if answer.write(&mut connection).await.is_err() {
                return;
            }
        }
    }
}
