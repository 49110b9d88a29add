//! A function as Lambda runs it: its own process, which asks a Runtime API for events.

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

/// How long a process may take for anything, on a busy machine.
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
    asked: UnboundedSender<()>,
    answers: UnboundedSender<Value>,
}

impl Function {
    /// Starts the function of an operation, and waits until it asks for its first event.
    pub(super) async fn start(operation: &str, variables: &[(String, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (events, events_of_api) = unbounded_channel();
        let (answers_of_api, answers) = unbounded_channel();
        let (asked, mut is_asked) = unbounded_channel();
        let api = Api { events: Arc::new(Mutex::new(events_of_api)), asked, answers: answers_of_api };
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(api.clone().serve(connection));
            }
        });
        let mut command = Command::new(program(operation));
        command.env_clear().envs(variables.iter().cloned()).env("AWS_LAMBDA_RUNTIME_API", address);
        for (name, value) in [("NAME", operation), ("MEMORY_SIZE", "256"), ("VERSION", "$LATEST")] {
            command.env(format!("AWS_LAMBDA_FUNCTION_{name}"), value);
        }
        let process = Process(command.stdout(Stdio::null()).spawn().expect("the function starts"));
        let function = Self { process, events, answers };
        timeout(LONGEST, is_asked.recv()).await.expect("the function asks for an event");
        function
    }

    /// Hands an event over, without waiting for the answer.
    pub(super) fn deliver(&self, event: Value) {
        self.events.send(event).expect("an API");
    }

    /// The answer to the event that was handed over.
    pub(super) async fn answer(&mut self) -> Value {
        timeout(LONGEST, self.answers.recv()).await.expect("an answer in time").expect("an answer")
    }

    /// Kills the process, which has not answered.
    pub(super) fn kill(mut self) {
        assert!(self.answers.try_recv().is_err(), "it was to be killed before it answers");
        self.process.kill();
    }
}

impl Api {
    async fn serve(self, mut connection: TcpStream) {
        while let Ok(Some(request)) = Message::read(&mut connection).await {
            let answer = if request.line().contains("/invocation/next") {
                // Nobody listens any more once the first event was asked for.
                let _ = self.asked.send(());
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
